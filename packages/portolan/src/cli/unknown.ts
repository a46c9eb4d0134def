export { unknownText } from '../runtime/spelling.ts'

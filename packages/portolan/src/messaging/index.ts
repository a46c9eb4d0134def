export { createMessaging } from './create-messaging.ts'
export { defineMessage, type MessageDefinition } from './define.ts'
export type {
  Backlog,
  BrokerCapabilities,
  BrokerDriver,
  ConsumeRequest,
  Consumption,
  Delivery,
  PublishFailure,
  StoredDelivery,
  WireMessage,
} from './driver.ts'
export { type DatabaseBrokerOptions, databaseBroker } from './drivers/database/index.ts'
export type { PastAttempt } from './history.ts'
export type { BulkOptions, LetterFilter, MessageLetter, MessageLetters } from './letters.ts'
export type { Messaging, MessagingOptions, MessagingStatus } from './messaging.ts'
export { type BrokerOptions, openBroker } from './open-broker.ts'
export type { PausedGroup } from './pauses.ts'
export { defineSaga, type SagaDefinition } from './sagas/define.ts'

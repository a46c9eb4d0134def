import {
  type AggregateFunctionNode,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'

/** Kysely with `?` for parameters. */
export const postgresKysely = {
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  createQueryCompiler: () => new QuestionMarks(),
}

class QuestionMarks extends PostgresQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '?'
  }

  /** As a number, which it is on every engine then; of whole numbers, it would be a decimal. */
  protected override visitAggregateFunction(node: AggregateFunctionNode): void {
    const isAverage = node.func === 'avg'
    if (isAverage) this.append('cast(')
    super.visitAggregateFunction(node)
    if (isAverage) this.append(' as double precision)')
  }
}

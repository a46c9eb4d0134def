/** The body of `POST /messages` once the schema has accepted it. */
export interface SendRequest {
  readonly messaging_product: 'whatsapp'
  readonly to: string
  readonly type?: string
  readonly context?: { readonly message_id?: string }
  readonly biz_opaque_callback_data?: string
  readonly text?: { readonly body: string; readonly preview_url?: boolean }
  readonly interactive?: Interactive
  readonly template?: TemplateUse
  readonly [media: string]: unknown
}

export interface MarkRequest {
  readonly messaging_product: 'whatsapp'
  readonly status: string
  readonly message_id: string
  readonly typing_indicator?: { readonly type: 'text' }
}

export interface Interactive {
  readonly type: string
  readonly header?: { readonly type: string; readonly text?: string }
  readonly body?: { readonly text: string }
  readonly footer?: { readonly text: string }
  readonly action: {
    readonly button?: string
    readonly buttons?: readonly { readonly reply: { readonly id: string; readonly title: string } }[]
    readonly sections?: readonly Section[]
  }
}

export interface Section {
  readonly title?: string
  readonly rows?: readonly Row[]
  readonly product_items?: readonly { readonly product_retailer_id: string }[]
}

export interface Row {
  readonly id: string
  readonly title: string
  readonly description?: string
}

export interface TemplateUse {
  readonly name: string
  readonly language: { readonly code: string }
  readonly components?: readonly {
    readonly type: string
    readonly parameters?: readonly { readonly type: string; readonly text?: string }[]
  }[]
}

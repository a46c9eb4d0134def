/** Local stand-ins for third-party services: the WhatsApp Cloud API with a chat page, a payment gateway, a mail inbox. */
export { createEmulators, type Emulators } from './emulators.ts'
export type { Faults, HttpFaults, WebhookFaults } from './faults/faults.ts'
export type { Feed } from './feed.ts'
export type { MailFaults } from './mail/faults.ts'
export type { MailInbox, MailList, ReceivedMail } from './mail/mail.ts'
export type { CatalogueItem, EmulatorsOptions } from './options.ts'
export { defaultTestAmounts, type PaymentFaults, type TestAmounts } from './payments/faults.ts'
export type { NextPayment } from './payments/ledger.ts'
export type { PaymentRecord } from './payments/payment-record.ts'
export type { Payments, PaymentsOptions } from './payments/payments.ts'
export type {
  ChatList,
  ChatMessage,
  MessageStatus,
  OrderItem,
  OutboundMessage,
} from './whatsapp/chat-message.ts'
export type { Conversation, MessageQuery } from './whatsapp/conversations.ts'
export type { Customer, CustomerOrder, ReplyOptions, SendOptions } from './whatsapp/customer.ts'
export type { WhatsAppFaults } from './whatsapp/faults.ts'
export type { Template } from './whatsapp/templates.ts'
export { escapeNonAscii, signature } from './whatsapp/webhook-body.ts'
export type { ChatEvent, WhatsApp, WhatsAppOptions } from './whatsapp/whatsapp.ts'

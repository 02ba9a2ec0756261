/** The package ships untyped JavaScript; this declares the part that the emulator uses. */
declare module 'discord-api-spec/zod' {
  interface SpecIssue {
    code: string;
    path: PropertyKey[];
    message: string;
    expected?: string;
    minimum?: number;
    maximum?: number;
    origin?: string;
    format?: string;
    values?: unknown[];
    /** Of a union: the issues found by each member. */
    errors?: SpecIssue[][];
  }

  interface SpecSchema {
    safeParse(value: unknown): { success: true; data: unknown } | { success: false; error: { issues: SpecIssue[] } };
  }

  export const MessageCreateRequestSchema: SpecSchema;
  export const MessageEditRequestPartialSchema: SpecSchema;
  export const IncomingWebhookInteractionRequestSchema: SpecSchema;
  export const IncomingWebhookUpdateForInteractionCallbackRequestPartialSchema: SpecSchema;
  export const IncomingWebhookUpdateRequestPartialSchema: SpecSchema;
  export const InteractionApplicationCommandAutocompleteCallbackStringDataSchema: SpecSchema;
  export const ModalInteractionCallbackRequestDataSchema: SpecSchema;
  export const CreateForumThreadRequestSchema: SpecSchema;
  export const CreateTextThreadWithMessageRequestSchema: SpecSchema;
  export const CreateTextThreadWithoutMessageRequestSchema: SpecSchema;
  export const UpdateThreadRequestPartialSchema: SpecSchema;
  export const ApplicationCommandCreateRequestSchema: SpecSchema;

  export const ApplicationCommandResponseSchema: SpecSchema;
  export const CreatedThreadResponseSchema: SpecSchema;
  export const GatewayBotResponseSchema: SpecSchema;
  export const GuildChannelResponseSchema: SpecSchema;
  export const GuildMemberResponseSchema: SpecSchema;
  export const GuildRoleResponseSchema: SpecSchema;
  export const GuildWithCountsResponseSchema: SpecSchema;
  export const InteractionCallbackResponseSchema: SpecSchema;
  export const MessageResponseSchema: SpecSchema;
  export const PrivateChannelResponseSchema: SpecSchema;
  export const ThreadResponseSchema: SpecSchema;
  export const UserPIIResponseSchema: SpecSchema;
}

// A refusal as the provider would word it. `type` and `code` go into the body.
export class ApiError extends Error {
  constructor(status, type, message, code = null) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
  }
}

export function invalid(message, code = null) {
  return new ApiError(400, 'invalid_request_error', message, code);
}

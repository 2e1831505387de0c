// The life of one request, top to bottom: route, read, decide, send, relay,
// account. Lives in one coroutine on one I/O thread.

#pragma once

#include <optional>
#include <string>

#include "proxy/admission.h"
#include "proxy/answering.h"
#include "proxy/exchange_record.h"
#include "proxy/kept_call.h"
#include "proxy/proxy.h"
#include "proxy/relay.h"
#include "proxy/response_caching.h"
#include "proxy/retrieve_tool.h"
#include "proxy/routes.h"

namespace headroom::proxy {

class ExchangeRun {
 public:
  ExchangeRun(Proxy& proxy, net::Pool& pool, net::Exchange& exchange);

  net::Awaitable<void> Run();

 private:
  net::Awaitable<Status> Serve();
  net::Awaitable<Status> ServeOperations();
  net::Awaitable<Status> ServeRetrieve();
  net::Awaitable<Status> ServeLearnt();
  // Makes a reply on the pool, where waiting for the disk delays no other
  // exchange, and sends it.
  net::Awaitable<Status> SendMade(std::function<Reply()> make);
  net::Awaitable<Status> ServeProvider();
  net::Awaitable<Status> RefuseWebSocket();
  // A call that names a reply which the provider may know by another id.
  net::Awaitable<Status> ServeKept(KeptCall call);

  // Reads the request's body into body_ and decides what goes upstream.
  net::Awaitable<Status> ReadAndDecide();
  net::Awaitable<void> Decide();
  // Here or on a pool thread while the coroutine waits. Never throws.
  void DecideNow();
  // Fills decoded_ if the body is in a content coding that we know.
  void Decode();
  // What goes upstream, in no coding.
  std::string_view SentBody() const { return optimized_.body.has_value() ? *optimized_.body : plain().view(); }
  const PaddedBytes& plain() const { return decoded_.has_value() ? *decoded_ : *body_; }
  std::string UpstreamName(std::string_view model) const;
  // The label that the request brings. Errors: kInvalidArgument.
  Status ReadProject();
  void MakeHead();
  ContentRouter::Mode Mode() const;
  bool ReadsWhole() const;

  using Response = std::unique_ptr<net::UpstreamResponse>;

  // Nothing where the request may go upstream.
  net::Awaitable<std::optional<Reply>> Admit();
  // As Admission::AdmitAgain.
  net::Awaitable<bool> AdmitAgain(std::string_view sent, bool forced);
  net::Awaitable<Result<Response>> Fetch();
  // Asks again while the provider is busy, where that is wanted.
  net::Awaitable<Result<Response>> FetchPatiently();
  net::Awaitable<Result<Response>> FetchBody(const std::string& body);
  net::Awaitable<std::vector<std::string>> AnswerCalls(const std::vector<HeldCall>& calls, AnswerRoom room);
  // What answers may take of the model's context.
  AnswerSpace SpaceOf(const AnswerRoom& room) const;
  // The reply that was kept for the same request, if any.
  net::Awaitable<std::optional<CachedReply>> FindKept();
  net::Awaitable<Status> SendKept(const CachedReply& reply);
  // `read`: body bytes taken from the response already.
  net::Awaitable<Status> RelayBack(net::UpstreamResponse& response, std::string_view read);
  // The same where the model has our tool.
  net::Awaitable<Status> RelayAnswering(net::UpstreamResponse& response);
  // A refusal of the whole request is read: where its reason can be taken out of the request (thinking that
  // no longer fits its prefix, a prompt that is too long), the request goes out once more.
  bool MayBeMended(const net::UpstreamResponse& response) const;
  net::Awaitable<Status> AnswerRefusal(Response response);
  // Decides anew after a refusal in these words. False when nothing can be done about it.
  net::Awaitable<bool> Mend(int http_status, std::string_view refusal);
  ResponseMarks Marks() const;
  // Answers with an error of ours, unless the client has gone or the response
  // has begun.
  net::Awaitable<Status> Refuse(const Status& status);
  net::Awaitable<Status> RefuseWith(Reply reply, const Status& status);
  net::Awaitable<void> Account(const Status& status);
  // What there is to say of the exchange at its end.
  ExchangeRecord Record(const Status& status) const;
  double MillisecondsSince(Clock::TimePoint start) const;

  Proxy& proxy_;
  net::Pool& pool_;
  net::Exchange& exchange_;
  const Clock::TimePoint start_;
  const int64_t started_millis_;
  Clock::TimePoint ready_;  // the body is here; from now on it is our own work
  const std::string id_;
  Route route_;
  ResponseCaching caching_;
  Credential credential_;
  std::string project_;  // label; "" where the request brings none
  const Upstream* upstream_ = nullptr;
  net::Cancellation cancellation_;

  net::RequestHead head_;               // as it goes upstream
  std::optional<PaddedBytes> body_;     // as it came; nothing when streamed through
  std::optional<PaddedBytes> decoded_;  // where body_ is in a content coding
  Optimized optimized_;
  std::optional<AskedBefore> asked_, asked_before_answers_;
  int sent_again_ = 0;                       // requests upstream after the first
  int rounds_ = 0;                           // of them, to go on with a reply
  std::optional<ReplyPlace> refused_offer_;  // the tool that was left out after a refusal
  // What refusals of this request told, each heeded once.
  bool drop_thinking_ = false;
  bool was_too_long_ = false;
  std::optional<Overflow> too_long_;  // of the refusal that is being heeded
  std::vector<Usage> replies_;
  uint64_t hidden_output_ = 0;  // tokens of calls that were answered here
  Admission::Ticket ticket_;
  int retries_ = 0;  // of the same body, the provider being busy
  int status_ = 0;
  double overhead_ms_ = 0;
  double decide_ms_ = 0;
  double first_byte_ms_ = 0;
};

}  // namespace headroom::proxy

#include "http/client.hpp"

#include <future>

#include "http/detail/client_connection.hpp"

namespace carillon::http {
namespace {

std::shared_ptr<detail::asio::ssl::context> load_certificates(const ClientSettings& settings) {
  namespace ssl = detail::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  if (settings.ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(settings.ca_file, error);
  }
  if (error) {
    const std::string which = settings.ca_file.empty() ? "the system's certificates" : settings.ca_file;
    throw std::runtime_error("can't read " + which + ": " + error.message());
  }
  return context;
}

Answer refused(CallError error, std::string detail) {
  Answer answer;
  answer.error = error;
  answer.detail = std::move(detail);
  return answer;
}

}  // namespace

namespace {

// A call on its way to its loop.
class StartCall final : public detail::Task {
 public:
  StartCall(std::shared_ptr<detail::ClientLoop> on, std::unique_ptr<detail::Pending> call, std::string what_is_wrong)
      : loop(std::move(on)), pending(std::move(call)), wrong(std::move(what_is_wrong)) {}

  void run() override {
    if (!wrong.empty()) return detail::finish(std::move(pending), refused(CallError::BAD_CALL, std::move(wrong)));
    loop->start(std::move(pending));
  }

  std::shared_ptr<detail::ClientLoop> loop;
  std::unique_ptr<detail::Pending> pending;
  std::string wrong;
};

}  // namespace

struct Client::State {
  std::vector<std::shared_ptr<detail::ClientLoop>> loops;
  std::atomic<bool> closed{false};

  detail::ClientLoop& of(const detail::OriginName& origin) const {
    return *loops[loops.size() == 1 ? 0 : std::hash<std::string>()(origin.key()) % loops.size()];
  }
};

Client::Client(Runtime& runtime, ClientSettings settings) : state_(std::make_shared<State>()) {
  const auto certificates = load_certificates(settings);
  for (const auto& loop : runtime.state().loops) {
    state_->loops.push_back(std::make_shared<detail::ClientLoop>(*loop, settings, certificates));
    loop->add_sweeper(state_->loops.back());
  }
}

Client::~Client() {
  state_->closed = true;
  for (const auto& loop : state_->loops) loop->loop.run_and_wait([&] { loop->cancel_all(); });
}

void Client::call(Call call, std::function<void(Answer)> done) {
  if (state_->closed) return done(refused(CallError::CANCELLED, "the client has ended"));
  auto pending = std::make_unique<detail::Pending>();
  pending->started = std::chrono::steady_clock::now();
  pending->done = std::move(done);
  std::string wrong = detail::prepare(std::move(call), *pending);
  const std::shared_ptr<detail::ClientLoop> loop = state_->of(pending->origin).shared_from_this();
  std::unique_ptr<detail::Task> task = std::make_unique<StartCall>(loop, std::move(pending), std::move(wrong));
  if (loop->loop.inbox()->submit(task)) return;
  auto& start = static_cast<StartCall&>(*task);
  detail::finish(std::move(start.pending), refused(CallError::CANCELLED, "the runtime has ended"));
}

Answer Client::call_and_wait(Call call) {
  std::promise<Answer> promise;
  this->call(std::move(call), [&](Answer answer) { promise.set_value(std::move(answer)); });
  return promise.get_future().get();
}

const char* to_string(CallError error) {
  switch (error) {
    case CallError::RESOLVE:
      return "RESOLVE";
    case CallError::CONNECT:
      return "CONNECT";
    case CallError::TLS:
      return "TLS";
    case CallError::TIMEOUT:
      return "TIMEOUT";
    case CallError::RESET:
      return "RESET";
    case CallError::ANSWER_TOO_LARGE:
      return "ANSWER_TOO_LARGE";
    case CallError::BAD_ANSWER:
      return "BAD_ANSWER";
    case CallError::CANCELLED:
      return "CANCELLED";
    case CallError::POOL_EXHAUSTED:
      return "POOL_EXHAUSTED";
    case CallError::BAD_CALL:
      return "BAD_CALL";
  }
  return "UNKNOWN";
}

}  // namespace carillon::http

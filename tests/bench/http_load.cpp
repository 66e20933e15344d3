// A cheap HTTP load: POSTs over keep-alive connections from one thread with epoll, either as fast as answers come
// (closed loop) or at a fixed rate (open loop: a request's time starts when it was due, so a stall is not hidden).
//
//   bench-http-load --port P --count N [--connections C] [--rate R] [--path /api/notifications] [--key API_KEY] [--out
//   FILE]
//
// Prints one JSON object: sent, errors, seconds, per_s, cpu_s, latency p50/p99 in ms. FILE gets "message_id due_us"
// lines.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::system_clock;

struct Options {
  int port = 8080, connections = 64;
  long count = 10'000;
  double rate = 0;  // per second; 0 = closed loop
  std::string path = "/api/notifications", key, out, body_template;
  std::vector<std::string> words;  // --words FILE: the first word of each line
  std::vector<std::pair<std::string, std::string>>
      stripe;  // --stripe FILE: Stripe-Signature, tab, body of each request
};

struct Connection {
  int fd = -1;
  bool busy = false;
  Clock::time_point due;
  std::string in;
};

struct Result {
  std::vector<double> latencies_ms;
  std::vector<std::pair<std::string, long long>> accepted;
  long errors = 0;
};

std::vector<std::string> first_words(const char* path) {
  std::vector<std::string> words;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) words.push_back(line.substr(0, line.find(' ')));
  if (words.empty()) {
    std::fprintf(stderr, "no words in %s\n", path);
    std::exit(2);
  }
  return words;
}

std::vector<std::pair<std::string, std::string>> signed_bodies(const char* path) {
  std::vector<std::pair<std::string, std::string>> bodies;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    bodies.emplace_back(line.substr(0, tab), line.substr(tab + 1));
  }
  return bodies;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port")
      options.port = std::atoi(value);
    else if (name == "--connections")
      options.connections = std::atoi(value);
    else if (name == "--count")
      options.count = std::atol(value);
    else if (name == "--rate")
      options.rate = std::atof(value);
    else if (name == "--path")
      options.path = value;
    else if (name == "--key")
      options.key = value;
    else if (name == "--out")
      options.out = value;
    else if (name == "--body")
      options.body_template = value;
    else if (name == "--words")
      options.words = first_words(value);
    else if (name == "--stripe")
      options.stripe = signed_bodies(value);
    else {
      std::fprintf(stderr, "unknown option %s\n", argv[i]);
      std::exit(2);
    }
  }
  return options;
}

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

// In the body "{n}" is replaced by the request's number and run, so that every request has a recipient of its own,
// "{d}" by the number alone, "{w}" by the next word.
std::string request_text(const Options& options, long number, unsigned run) {
  if (!options.stripe.empty()) {
    const auto& [signature, signed_body] = options.stripe[static_cast<std::size_t>(number) % options.stripe.size()];
    return "POST " + options.path +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nStripe-Signature: " + signature +
           "\r\nContent-Length: " + std::to_string(signed_body.size()) + "\r\n\r\n" + signed_body;
  }
  const std::string unique = std::to_string(run) + "-" + std::to_string(number);
  std::string body =
      options.body_template.empty()
          ? R"({"template_key":"ADMIN_MANUAL","recipient":"r{n}@example.com","variables":{"subject":"Your statement is ready","body":"Hello, your statement for this month is ready. You can read it in your account at any time."}})"
          : options.body_template;
  if (const auto at = body.find("{n}"); at != std::string::npos) body.replace(at, 3, unique);
  if (const auto at = body.find("{d}"); at != std::string::npos) body.replace(at, 3, std::to_string(number));
  if (const auto at = body.find("{w}"); at != std::string::npos && !options.words.empty())
    body.replace(at, 3, options.words[static_cast<std::size_t>(number) % options.words.size()]);
  return "POST " + options.path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + options.key +
         "\r\nX-Postmark-Server-Token: t\r\nIdempotency-Key: " + unique +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// True when `in` holds a whole answer; takes it out.
bool take_answer(std::string& in, std::string& body, int& status) {
  const auto head_end = in.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  status = std::atoi(in.c_str() + 9);
  std::size_t length = 0;
  for (const char* name : {"Content-Length: ", "content-length: "})
    if (const auto at = in.find(name); at != std::string::npos && at < head_end)
      length = std::strtoul(in.c_str() + at + 16, nullptr, 10);
  if (in.size() < head_end + 4 + length) return false;
  body = in.substr(head_end + 4, length);
  in.erase(0, head_end + 4 + length);
  return true;
}

std::string message_id_of(const std::string& body) {
  const auto at = body.find("\"message_id\":\"");
  return at == std::string::npos ? std::string() : body.substr(at + 14, 36);
}

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), epoll_(epoll_create1(0)), connections_(static_cast<std::size_t>(options.connections)) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].fd = connect_to(options.port);
      epoll_event event{EPOLLIN, {.u64 = i}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event);
      idle_.push_back(i);
    }
  }

  Result run() {
    started_ = Clock::now();
    while (done_ < options_.count) {
      send_due();
      receive();
    }
    return std::move(result_);
  }

 private:
  Clock::time_point due(long number) const {
    return started_ + std::chrono::duration_cast<Clock::duration>(
                          std::chrono::duration<double>(static_cast<double>(number) / options_.rate));
  }

  void send_due() {
    while (!idle_.empty() && sent_ < options_.count && (options_.rate == 0 || due(sent_) <= Clock::now())) {
      auto& connection = connections_[idle_.front()];  // in turn: the server closes one that says nothing for long
      idle_.pop_front();
      connection.due = options_.rate == 0 ? Clock::now() : due(sent_);
      const auto text = request_text(options_, sent_++, run_);
      if (write(connection.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        std::perror("write");
        std::exit(1);
      }
    }
  }

  int wait_ms() const {
    if (options_.rate == 0 || idle_.empty() || sent_ >= options_.count) return 1'000;
    return std::max<int>(
        0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(due(sent_) - Clock::now()).count()));
  }

  void receive() {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, wait_ms());
    for (int i = 0; i < count; ++i) {
      auto& connection = connections_[events[i].data.u64];
      char buffer[16'384];
      const auto got = read(connection.fd, buffer, sizeof buffer);
      if (got <= 0) {
        std::fprintf(stderr, "the server closed a connection\n");
        std::exit(1);
      }
      connection.in.append(buffer, static_cast<std::size_t>(got));
      std::string body;
      int status = 0;
      if (!take_answer(connection.in, body, status)) continue;
      ++done_;
      idle_.push_back(events[i].data.u64);
      if (status / 100 != 2) {
        ++result_.errors;
        if (result_.errors == 1) std::fprintf(stderr, "first error: %d %s\n", status, body.c_str());
      }
      result_.latencies_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - connection.due).count());
      if (!options_.out.empty())
        result_.accepted.emplace_back(
            message_id_of(body),
            std::chrono::duration_cast<std::chrono::microseconds>(connection.due.time_since_epoch()).count());
    }
  }

  const Options& options_;
  int epoll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  Clock::time_point started_;
  long sent_ = 0, done_ = 0;
  unsigned run_ = std::random_device{}();
  Result result_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  Load load(options);
  const auto began = Clock::now();
  auto result = load.run();
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  if (!options.out.empty()) {
    std::FILE* file = std::fopen(options.out.c_str(), "w");
    for (const auto& [id, due_us] : result.accepted) std::fprintf(file, "%s %lld\n", id.c_str(), due_us);
    std::fclose(file);
  }
  auto& latencies = result.latencies_ms;
  std::sort(latencies.begin(), latencies.end());
  const auto quantile = [&](double q) {
    return latencies[static_cast<std::size_t>(q * static_cast<double>(latencies.size() - 1))];
  };
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::printf(
      "{\"sent\":%ld,\"errors\":%ld,\"seconds\":%.3f,\"per_s\":%.1f,\"cpu_s\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
      options.count, result.errors, seconds, static_cast<double>(options.count) / seconds, cpu, quantile(0.5),
      quantile(0.99));
  return result.errors == 0 ? 0 : 1;
}

#include <catch2/catch.hpp>

#include "sandbox/adapters/http_session.hpp"
#include "sandbox/adapters/smtp_session.hpp"
#include "sandbox/core/form.hpp"

namespace {

using namespace carillon::sandbox;

// A connection without a socket: records what the session does, delayed work runs when the test says so.
class RecordedPeer final : public Peer {
 public:
  void write(std::string bytes) override { written += bytes; }
  void close() override { closed = true; }
  void reset() override { was_reset = true; }
  void after(std::chrono::milliseconds, std::function<void()> work) override { later.push_back(std::move(work)); }
  std::function<void()> while_open(std::function<void()> work) override {
    return [this, work = std::move(work)] {
      if (!closed && !was_reset) work();
    };
  }
  void keep_idle() override { kept = true; }
  std::string written;
  bool closed = false, was_reset = false, kept = false;
  std::vector<std::function<void()>> later;
};

HttpHandler echo(std::vector<std::string>& seen) {
  return [&seen](const HttpRequest& request) {
    seen.push_back(std::string(request.method) + " " + std::string(request.path) + "?" + std::string(request.query) +
                   " " + std::string(request.body));
    return Answer{Action::SEND, http_response(200, "text/plain", request.body), {}, {}};
  };
}

TEST_CASE("sandbox http: requests in any pieces, pipelined, in order") {
  const std::string input = "POST /a?x=1 HTTP/1.1\r\ncontent-length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t piece = 1; piece <= input.size(); piece += 7) {
    RecordedPeer peer;
    std::vector<std::string> seen;
    const HttpHandler handler = echo(seen);
    HttpSession session(peer, handler);
    for (std::size_t at = 0; at < input.size(); at += piece)
      session.received(std::string_view(input).substr(at, piece));
    CHECK(seen == std::vector<std::string>{"POST /a?x=1 abc", "GET /b? "});
    CHECK(peer.written.find("\r\n\r\nabcHTTP/1.1 200 OK") != std::string::npos);
    CHECK_FALSE(peer.closed);
  }
}

TEST_CASE("sandbox http: while an answer is delayed later requests wait") {
  RecordedPeer peer;
  int calls = 0;
  const HttpHandler handler = [&](const HttpRequest&) {
    return Answer{
        Action::SEND, "answer " + std::to_string(++calls) + ";", std::chrono::milliseconds{calls == 1 ? 50 : 0}, {}};
  };
  HttpSession session(peer, handler);
  session.received("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  CHECK(calls == 1);
  CHECK(peer.written.empty());
  REQUIRE(peer.later.size() == 1);
  peer.later[0]();
  CHECK(peer.written == "answer 1;answer 2;");
}

TEST_CASE("sandbox http: an answer with something before it waits for that, and later requests wait for the answer") {
  RecordedPeer peer;
  int calls = 0;
  std::function<void()> go_on;
  const HttpHandler handler = [&](const HttpRequest&) {
    Answer answer{Action::SEND, "answer " + std::to_string(++calls) + ";", {}, {}};
    if (calls == 1) answer.first = [&go_on](std::function<void()> ready) { go_on = std::move(ready); };
    return answer;
  };
  HttpSession session(peer, handler);
  session.received("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  CHECK(calls == 1);
  CHECK(peer.written.empty());
  REQUIRE(go_on);
  go_on();
  CHECK(peer.written == "answer 1;answer 2;");
}

TEST_CASE("sandbox http: what comes first may be ready at once, and its delay comes after it") {
  RecordedPeer peer;
  const HttpHandler handler = [](const HttpRequest& request) {
    Answer answer{
        Action::SEND, std::string(request.path), std::chrono::milliseconds{request.path == "/slow" ? 5 : 0}, {}};
    answer.first = [](std::function<void()> ready) { ready(); };
    return answer;
  };
  HttpSession session(peer, handler);
  session.received("GET /a HTTP/1.1\r\n\r\nGET /slow HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  CHECK(peer.written == "/a");
  REQUIRE(peer.later.size() == 1);
  peer.later[0]();
  CHECK(peer.written == "/a/slow/b");
}

TEST_CASE("sandbox http: bytes that are known only after what comes first are asked for when they go out") {
  RecordedPeer peer;
  std::string bytes = "too early";
  std::function<void()> go_on;
  const HttpHandler handler = [&](const HttpRequest&) {
    Answer answer;
    answer.first = [&go_on](std::function<void()> ready) { go_on = std::move(ready); };
    answer.late_bytes = [&bytes] { return bytes; };
    return answer;
  };
  HttpSession session(peer, handler);
  session.received("GET / HTTP/1.1\r\n\r\n");
  bytes = "in time";
  CHECK(peer.written.empty());
  REQUIRE(go_on);
  go_on();
  CHECK(peer.written == "in time");
}

TEST_CASE("sandbox http: an answer whose connection has ended meanwhile goes nowhere") {
  RecordedPeer peer;
  std::function<void()> go_on;
  const HttpHandler handler = [&go_on](const HttpRequest&) {
    Answer answer{Action::SEND, "late", {}, {}};
    answer.first = [&go_on](std::function<void()> ready) { go_on = std::move(ready); };
    return answer;
  };
  HttpSession session(peer, handler);
  session.received("GET / HTTP/1.1\r\n\r\n");
  peer.reset();
  REQUIRE(go_on);
  go_on();
  CHECK(peer.written.empty());
}

TEST_CASE("sandbox http: hang, reset and close") {
  const auto after = [](Action action) {
    RecordedPeer peer;
    const HttpHandler handler = [action](const HttpRequest&) { return Answer{action, "", {}, {}}; };
    HttpSession session(peer, handler);
    session.received("GET / HTTP/1.1\r\n\r\n");
    CHECK(peer.written.empty());
    return std::array{peer.kept, peer.was_reset, peer.closed};
  };
  CHECK(after(Action::HANG) == std::array{true, false, false});
  CHECK(after(Action::RESET) == std::array{false, true, false});
  CHECK(after(Action::CLOSE) == std::array{false, false, true});
}

TEST_CASE("sandbox http: what is malformed or too large is refused and the connection closed") {
  const auto status = [](const std::string& input) {
    RecordedPeer peer;
    std::vector<std::string> seen;
    const HttpHandler handler = echo(seen);
    HttpSession session(peer, handler, {1'000, 1'000});
    session.received(input);
    CHECK(seen.empty());
    CHECK(peer.closed);
    return peer.written.substr(9, 3);
  };
  CHECK(status("nonsense\r\n\r\n") == "400");
  CHECK(status("GET http://x/ HTTP/1.1\r\n\r\n") == "400");
  CHECK(status("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n") == "400");
  CHECK(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") == "411");
  CHECK(status("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n") == "413");
  CHECK(status("GET / HTTP/1.1\r\nA: " + std::string(1'000, 'a')) == "431");
}

struct SmtpRun {
  RecordedPeer peer;
  std::vector<SmtpMail> mails;
};

void run(SmtpRun& run, const std::string& input, std::size_t piece, SmtpLimits limits = {}) {
  const SmtpHandler handler{[&run](SmtpMail&& mail) {
                              run.mails.push_back(std::move(mail));
                              return Answer{Action::SEND, "250 taken\r\n", {}, {}};
                            },
                            {}};
  SmtpSession session(run.peer, handler, limits);
  session.opened();
  for (std::size_t at = 0; at < input.size(); at += piece) session.received(std::string_view(input).substr(at, piece));
}

TEST_CASE("sandbox smtp: a pipelined conversation in any pieces; dots are unstuffed") {
  const std::string input =
      "EHLO me\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@example.com> SIZE=9\r\nRCPT TO:<b@example.com>\r\nRCPT "
      "TO:<c@example.com>\r\nDATA\r\n"
      "Subject: x\r\n\r\n..one\r\n.two\r\nthree\r\n.\r\nNOOP\r\nQUIT\r\n";
  for (std::size_t piece = 1; piece <= input.size(); piece += 11) {
    SmtpRun r;
    run(r, input, piece);
    REQUIRE(r.mails.size() == 1);
    CHECK(r.mails[0].from == "a@example.com");
    CHECK(r.mails[0].to == std::vector<std::string>{"b@example.com", "c@example.com"});
    CHECK(r.mails[0].data == "Subject: x\r\n\r\n.one\r\ntwo\r\nthree\r\n");
    CHECK(r.peer.written.find("354 ") != std::string::npos);
    CHECK(r.peer.written.find("250 taken\r\n250 2.0.0 ok\r\n221 ") != std::string::npos);
    CHECK(r.peer.closed);
  }
}

TEST_CASE("sandbox smtp: AUTH LOGIN and AUTH PLAIN in steps") {
  SmtpRun r;
  run(r, "EHLO me\r\nAUTH LOGIN\r\ndXNlcg==\r\ncGFzcw==\r\nAUTH PLAIN\r\nAGEAYg==\r\n", 1'000);
  CHECK(r.peer.written.find("334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 welcome\r\n334 \r\n235 ") !=
        std::string::npos);
}

TEST_CASE("sandbox smtp: commands out of order and bad paths are refused, RSET starts again") {
  const auto last_code = [](const std::string& input) {
    SmtpRun r;
    run(r, input, 1'000);
    const std::size_t line = r.peer.written.rfind('\n', r.peer.written.size() - 2);
    return r.peer.written.substr(line + 1, 3);
  };
  CHECK(last_code("MAIL FROM:<a@x.de>\r\n") == "503");
  CHECK(last_code("EHLO x\r\nRCPT TO:<a@x.de>\r\n") == "503");
  CHECK(last_code("EHLO x\r\nMAIL FROM:<a@x.de>\r\nDATA\r\n") == "503");
  CHECK(last_code("EHLO x\r\nMAIL FROM:a@x.de\r\n") == "501");
  CHECK(last_code("EHLO x\r\nMAIL FROM:<a@x.de>\r\nRCPT TO:<nobody>\r\n") == "501");
  CHECK(last_code("EHLO x\r\nMAIL FROM:<a@x.de>\r\nRSET\r\nRCPT TO:<a@x.de>\r\n") == "503");
  CHECK(last_code("HELO x\r\nTURN\r\n") == "500");
  CHECK(last_code("EHLO x\r\nSTARTTLS\r\n") == "502");
}

TEST_CASE("sandbox smtp: long lines, big mails and many recipients are refused") {
  SmtpRun line;
  run(line, std::string(5'000, 'x'), 100);
  CHECK(line.peer.closed);
  SmtpRun big;
  run(big, "EHLO x\r\nMAIL FROM:<a@x.de>\r\nRCPT TO:<b@x.de>\r\nDATA\r\n" + std::string(5'000, 'x'), 100,
      {100, 1'000, 2});
  CHECK(big.mails.empty());
  CHECK(big.peer.written.find("552 ") != std::string::npos);
  SmtpRun many;
  run(many, "EHLO x\r\nMAIL FROM:<a@x.de>\r\nRCPT TO:<b@x.de>\r\nRCPT TO:<b@x.de>\r\nRCPT TO:<b@x.de>\r\n", 100,
      {100, 1'000, 2});
  CHECK(many.peer.written.find("452 ") != std::string::npos);
}

TEST_CASE("forms: values are decoded, broken escapes stay") {
  CHECK(form_value("a=1&To=%2B44+7&b", "To") == "+44 7");
  CHECK(form_value("a=1", "b").empty());
  CHECK(form_decoded("100%&%zz%4") == "100%&%zz%4");
}

}  // namespace

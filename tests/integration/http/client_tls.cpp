#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "http/client.hpp"
#include "integration/http/raw_socket.hpp"

using namespace carillon::http;
using namespace carillon::http::testing;
using namespace std::chrono_literals;

namespace {

// A key and a certificate signed by itself, for one name.
class SelfSigned {
 public:
  explicit SelfSigned(const std::string& alternative_name) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_NAME* name = X509_get_subject_name(certificate_.get());
    const auto* text = reinterpret_cast<const unsigned char*>("test");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(certificate_.get(), name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_name.c_str());
    X509_add_ext(certificate_.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  }
  EVP_PKEY* key() const { return key_.get(); }
  X509* certificate() const { return certificate_.get(); }

  std::string write_to(const std::filesystem::path& folder) const {
    const std::string file = folder / "ca.pem";
    std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(file.c_str(), "w"), BIO_free);
    PEM_write_bio_X509(out.get(), certificate_.get());
    return file;
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "carillon-tls-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Answers every request with its own bytes; says by `name` what the client wanted by SNI.
class TlsEcho {
 public:
  explicit TlsEcho(const SelfSigned& identity)
      : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
        server_([this](RawSocket& socket) { serve(socket); }) {
    SSL_CTX_use_certificate(context_.get(), identity.certificate());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key());
  }
  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(server_.port()) + "/";
  }
  int connections() const { return connections_; }

 private:
  void serve(RawSocket& socket) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(tls.get(), socket.descriptor());
    if (SSL_accept(tls.get()) != 1) return;
    ++connections_;
    const char* asked = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
    const std::string name = asked == nullptr ? "none" : asked;
    std::array<char, 4096> buffer{};
    std::string received;
    for (;;) {
      const int got = SSL_read(tls.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (got <= 0) return;
      received.append(buffer.data(), static_cast<std::size_t>(got));
      if (!received.ends_with("END")) continue;
      const std::string body = name + std::to_string(received.size());
      const std::string answer =
          "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
      SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
      received.clear();
    }
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::atomic<int> connections_{0};
  RawServer server_;
};

}  // namespace

TEST_CASE("client: TLS with a certificate of the given authority, name checked and sent, connection kept") {
  const SelfSigned identity("DNS:localhost");
  const TemporaryFolder folder;
  const TlsEcho server(identity);
  Runtime runtime;
  Client client(runtime, {.ca_file = identity.write_to(folder.path())});
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.call_and_wait({.url = server.url("localhost"), .body = "END"});
    INFO(answer.detail);
    CHECK(answer.status == 200);
    CHECK(answer.body.starts_with("localhost"));
  }
  std::string body(1'000'000, 'x');
  body += "END";
  const Answer large = client.call_and_wait({.url = server.url("localhost"), .body = body});
  CHECK(large.status == 200);
  CHECK(server.connections() == 1);
}

TEST_CASE("client: TLS by address checks the address") {
  const SelfSigned identity("IP:127.0.0.1");
  const TemporaryFolder folder;
  const TlsEcho server(identity);
  Runtime runtime;
  Client client(runtime, {.ca_file = identity.write_to(folder.path())});
  const Answer answer = client.call_and_wait({.url = server.url("127.0.0.1"), .body = "END"});
  CHECK(answer.status == 200);
  CHECK(answer.body.starts_with("none"));
}

TEST_CASE("client: TLS with another name or an unknown authority is refused, and nothing was sent") {
  const SelfSigned identity("DNS:other.example");
  const TemporaryFolder folder;
  const TlsEcho server(identity);
  Runtime runtime;
  Client trusting(runtime, {.ca_file = identity.write_to(folder.path())});
  const Answer wrong_name = trusting.call_and_wait({.url = server.url("localhost"), .body = "END"});
  CHECK(wrong_name.error == CallError::TLS);
  CHECK(wrong_name.progress == Progress::NOT_SENT);
  Client system(runtime);
  const Answer unknown = system.call_and_wait({.url = server.url("localhost"), .body = "END"});
  CHECK(unknown.error == CallError::TLS);
  CHECK(unknown.progress == Progress::NOT_SENT);
}

TEST_CASE("client: a server that never shakes hands is TIMEOUT, and nothing was sent") {
  const RawServer server([](RawSocket& socket) { socket.read_to_end(); });
  Runtime runtime;
  Client client(runtime);
  Call call{.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/", .connect_timeout = 150ms};
  const Answer answer = client.call_and_wait(call);
  CHECK(answer.error == CallError::TIMEOUT);
  CHECK(answer.progress == Progress::NOT_SENT);
}

TEST_CASE("client: certificates that can't be read are told at start-up") {
  Runtime runtime;
  CHECK_THROWS_WITH(Client(runtime, {.ca_file = "/nonexistent/ca.pem"}),
                    Catch::Matchers::Contains("/nonexistent/ca.pem"));
}

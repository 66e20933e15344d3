#include "contract/providers/untrusted_server.hpp"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace carillon::testing {
namespace {

constexpr timeval silence_max{10, 0};  // a client that says nothing for longer is given up

template <auto release>
struct Free {
  template <class T>
  void operator()(T* thing) const {
    release(thing);
  }
};

}  // namespace

struct UntrustedServer::Identity {
  std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key{EVP_EC_gen("P-256")};
  std::unique_ptr<X509, Free<X509_free>> certificate{X509_new()};
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context{SSL_CTX_new(TLS_server_method())};

  Identity() {
    X509* made = certificate.get();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3'600);
    X509_set_pubkey(made, key.get());
    X509_NAME* name = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(made, name);
    const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> names{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1")};
    X509_add_ext(made, names.get(), -1);
    if (X509_sign(made, key.get(), EVP_sha256()) == 0) throw std::runtime_error("the certificate can't be signed");
    if (SSL_CTX_use_certificate(context.get(), made) != 1 || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
      throw std::runtime_error("the certificate can't be used");
  }
};

UntrustedServer::UntrustedServer() : identity_(std::make_unique<Identity>()) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port to listen on");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

UntrustedServer::~UntrustedServer() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
}

void UntrustedServer::serve() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &silence_max, sizeof silence_max);
    serve_one(socket);
    ::close(socket);
  }
}

void UntrustedServer::serve_one(int socket) {
  const std::unique_ptr<SSL, Free<SSL_free>> tls{SSL_new(identity_->context.get())};
  SSL_set_fd(tls.get(), socket);
  if (SSL_accept(tls.get()) != 1) return;
  std::array<char, 4096> buffer{};
  for (int got = 0; (got = SSL_read(tls.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0;)
    bytes_read_ += got;
}

}  // namespace carillon::testing

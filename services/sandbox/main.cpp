// The sandbox as a program of its own.
#include <csignal>
#include <cstdio>
#include <fstream>

#include "sandbox/service.hpp"
#include "service/log.hpp"

int main() {
  using namespace carillon;
  // Blocked before any thread starts, so that only the wait below gets them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    log::configure("carillon-sandbox", log::Level::INFO);
    service::Settings settings(service::process_environment());
    const sandbox::SandboxSettings wanted = sandbox::SandboxSettings::read(settings);
    const std::string port_file = settings.text("CARILLON_PORT_FILE", "", "File that the port in use is written to");
    settings.finish();
    sandbox::Sandbox sandbox(wanted);
    if (!port_file.empty()) {
      std::ofstream(port_file + ".new") << sandbox.port() << ' ' << sandbox.smtp_port() << '\n';
      std::rename((port_file + ".new").c_str(), port_file.c_str());  // readers see all or nothing
    }
    log::info("sandbox.started",
              {{"address", wanted.address}, {"port", sandbox.port()}, {"smtp_port", sandbox.smtp_port()}});
    int signal = 0;
    sigwait(&ends, &signal);
    sandbox.stop();
    return 0;
  } catch (const service::SettingsError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    log::error("sandbox.failed", {{"error", error.what()}});
    return 1;
  }
}

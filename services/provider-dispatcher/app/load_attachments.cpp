#include "provider-dispatcher/app/load_attachments.hpp"

#include <algorithm>

#include "attachments/attachments.hpp"
#include "security/digest.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::dispatcher {

namespace {

constexpr std::chrono::milliseconds trouble_pause{250};

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

std::size_t bytes_of(const Claim& claim) {
  std::size_t bytes = 0;
  for (const events::AttachmentRef& ref : claim.dispatch.attachments)
    bytes += static_cast<std::size_t>(std::max(ref.bytes, 0));
  return bytes;
}

Outcome refused(std::string detail) {
  Outcome outcome;
  outcome.kind = OutcomeKind::REJECTED;
  outcome.reason = Reason::CONTENT_REJECTED;
  outcome.detail = std::move(detail);
  return outcome;
}

}  // namespace

// Outlives the loader: places are given back when the last call that holds one ends.
struct LoadAttachments::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t bytes_in_calls = 0;  // mutex
};

LoadAttachments::LoadAttachments(LoadParts parts)
    : parts_(std::move(parts)), connection_(parts_.connection), shared_(std::make_shared<Shared>()) {}

LoadAttachments::~LoadAttachments() {
  stop();
}

bool LoadAttachments::take_or_wait(const ClaimPtr& claim) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!stopping_) {
      const bool others_wait = std::ranges::any_of(waiting_, [](const auto& queue) { return !queue.empty(); });
      if (!others_wait && fits(bytes_of(*claim)) && has_all(*claim) && !attach(*claim, kept_)) {
        reserve(*claim);
        return true;
      }
      claim->carried.files.clear();
      waiting_[static_cast<std::size_t>(claim->priority) - 1].push_back(claim);
      if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
      shared_->changed.notify_all();
      return false;
    }
  }
  parts_.released(claim);
  return false;
}

void LoadAttachments::release_impatient(SteadyTime oldest) {
  std::vector<ClaimPtr> impatient;
  {
    const std::lock_guard lock(shared_->mutex);
    for (auto& queue : waiting_) {
      while (!queue.empty() && queue.front()->queued_at < oldest) {
        impatient.push_back(std::move(queue.front()));
        queue.pop_front();
      }
    }
  }
  for (const ClaimPtr& claim : impatient) parts_.released(claim);
}

void LoadAttachments::stop() {
  std::vector<ClaimPtr> left;
  {
    const std::lock_guard lock(shared_->mutex);
    stopping_ = true;
    for (auto& queue : waiting_) {
      left.insert(left.end(), queue.begin(), queue.end());
      queue.clear();
    }
  }
  shared_->changed.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const ClaimPtr& claim : left) parts_.released(claim);
}

void LoadAttachments::loop() {
  name_this_thread("attachments");
  for (auto batch = next_batch(); !batch.empty(); batch = next_batch()) load(batch);
}

// Empty: stopped.
std::vector<ClaimPtr> LoadAttachments::next_batch() {
  std::unique_lock lock(shared_->mutex);
  for (;;) {
    forget_old();
    if (stopping_) return {};
    auto batch = take_what_fits();
    if (!batch.empty()) return batch;
    if (kept_.empty()) {
      shared_->changed.wait(lock);
    } else {
      shared_->changed.wait_for(lock, attachment_kept_for);
    }
  }
}

// In order: a large message is not overtaken for ever by small ones. What can never fit goes along and is refused.
std::vector<ClaimPtr> LoadAttachments::take_what_fits() {
  std::vector<ClaimPtr> batch;
  for (auto& queue : waiting_) {
    while (!queue.empty()) {
      const std::size_t bytes = bytes_of(*queue.front());
      const bool never = bytes > parts_.bytes_in_calls_max;
      if (batch.size() == claims_per_load_max || (!never && !fits(bytes))) return batch;
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
      if (!never) reserve(*batch.back());
    }
  }
  return batch;
}

bool LoadAttachments::fits(std::size_t bytes) const {
  return shared_->bytes_in_calls + bytes <= parts_.bytes_in_calls_max;
}

bool LoadAttachments::has_all(const Claim& claim) const {
  return std::ranges::all_of(claim.dispatch.attachments,
                             [this](const auto& ref) { return kept_.contains(ref.attachment_id); });
}

void LoadAttachments::reserve(Claim& claim) {
  const std::size_t bytes = bytes_of(claim);
  shared_->bytes_in_calls += bytes;
  claim.carried.room = std::shared_ptr<const void>(shared_.get(), [shared = shared_, bytes](const void*) {
    {
      const std::lock_guard lock(shared->mutex);
      shared->bytes_in_calls -= bytes;
    }
    shared->changed.notify_all();
  });
}

// What is wrong with the files, or nothing and the claim carries them.
std::optional<Outcome> LoadAttachments::attach(Claim& claim, const Files& files) {
  for (const events::AttachmentRef& ref : claim.dispatch.attachments) {
    const auto file = files.find(ref.attachment_id);
    if (file == files.end())
      return refused("ATTACHMENT_GONE: the attachment " + ref.attachment_id + " is no longer kept");
    if (file->second.sha256 != ref.sha256 || file->second.content->size() != static_cast<std::size_t>(ref.bytes))
      return refused("ATTACHMENT_CHANGED: the attachment " + ref.attachment_id + " is not the file that was named");
    claim.carried.files.push_back({ref.file_name, ref.content_type, file->second.content});
  }
  return std::nullopt;
}

void LoadAttachments::load(const std::vector<ClaimPtr>& batch) {
  Files files;
  std::vector<std::string> missing;
  {
    const std::lock_guard lock(shared_->mutex);
    for (const ClaimPtr& claim : batch) {
      for (const events::AttachmentRef& ref : claim->dispatch.attachments) {
        const auto known = kept_.find(ref.attachment_id);
        if (known == kept_.end()) {
          missing.push_back(ref.attachment_id);
        } else {
          known->second.used_at = steady_now();
          files.insert(*known);
        }
      }
    }
  }
  std::ranges::sort(missing);
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  try {
    if (!missing.empty()) {
      for (auto& [id, content] : attachments::load(connection_, missing))
        files[id] = {std::make_shared<const std::string>(std::move(content.bytes)), security::hex(content.sha256),
                     steady_now()};
    }
  } catch (const std::exception& failure) {
    log::warn("dispatcher_attachments_not_read", {{"messages", batch.size()}, {"error", failure.what()}});
    for (const ClaimPtr& claim : batch) parts_.released(claim);
    return pause_after_trouble();
  }
  std::vector<ClaimPtr> loaded;
  for (const ClaimPtr& claim : batch) {
    auto refusal = claim->carried.room ? attach(*claim, files)
                                       : refused("ATTACHMENTS_TOO_LARGE: together they are larger than any may be");
    if (refusal) {
      parts_.failed(claim, std::move(*refusal));
    } else {
      loaded.push_back(claim);
    }
  }
  {
    const std::lock_guard lock(shared_->mutex);
    for (const std::string& id : missing) {
      if (const auto file = files.find(id); file != files.end()) keep(id, file->second);
    }
  }
  if (!loaded.empty()) parts_.loaded(loaded);
}

void LoadAttachments::pause_after_trouble() {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, trouble_pause, [this] { return stopping_; });
}

// Those used least lately make room.
void LoadAttachments::keep(const std::string& id, const File& file) {
  const std::size_t bytes = file.content->size();
  if (bytes > attachment_bytes_kept_max || kept_.contains(id)) return;
  while (kept_bytes_ + bytes > attachment_bytes_kept_max) {
    const auto oldest = std::ranges::min_element(kept_, {}, [](const auto& entry) { return entry.second.used_at; });
    kept_bytes_ -= oldest->second.content->size();
    kept_.erase(oldest);
  }
  kept_.emplace(id, file);
  kept_bytes_ += bytes;
}

void LoadAttachments::forget_old() {
  const SteadyTime oldest = steady_now() - attachment_kept_for;
  for (auto file = kept_.begin(); file != kept_.end();) {
    if (file->second.used_at < oldest) {
      kept_bytes_ -= file->second.content->size();
      file = kept_.erase(file);
    } else {
      ++file;
    }
  }
}

}  // namespace carillon::dispatcher

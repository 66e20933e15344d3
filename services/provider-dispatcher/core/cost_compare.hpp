// The ways to send a month's volume of one channel, and what each costs by the price list. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "provider-dispatcher/core/prices.hpp"

namespace carillon::dispatcher {

// One provider's part of a way.
struct Share {
  std::string provider;
  std::int64_t free = 0;
  std::int64_t paid = 0;
};

// One provider, or several together. Free tiers are used up first, the largest first; the rest goes to the member with
// the lowest known unit price; without one it is uncovered.
struct Way {
  std::vector<Share> shares;
  std::int64_t units = 0;
  std::int64_t free = 0;
  std::int64_t paid = 0;
  std::int64_t uncovered = 0;
  MicroUsd amount;
  std::string name() const;  // "smtp + sendgrid"
};

// Every provider of the channel alone, and every combination in which each member gets something to send. The best
// first: least uncovered, then cheapest, then fewest providers. Providers for development are no way. At most
// 2^prices_per_channel_max.
std::vector<Way> ways_to_send(const PriceList& prices, events::Channel channel, std::int64_t units);

}  // namespace carillon::dispatcher

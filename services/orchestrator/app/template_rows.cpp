#include "orchestrator/app/template_rows.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {

void insert_version(pg::Transaction& tx, const NewVersion& version, UtcTime now) {
  pg::Params params;
  params.add(version.key).add(version.version);
  version.seed_hash.empty() ? params.add_null() : params.add_bytes(version.seed_hash);
  params.add(now).add(version.author);
  version.based_on == 0 ? params.add_null() : params.add(version.based_on);
  tx.run(orchestrator_sql::add_template_version, params);
  pg::Array locales, subjects, texts, htmls;
  for (const TemplateBody& body : version.bodies) {
    locales.add(body.locale);
    subjects.add(body.subject);
    texts.add(body.text);
    htmls.add(body.html);
  }
  tx.run(orchestrator_sql::add_template_bodies, pg::Params()
                                                    .add(version.key)
                                                    .add(version.version)
                                                    .add(std::move(locales))
                                                    .add(std::move(subjects))
                                                    .add(std::move(texts))
                                                    .add(std::move(htmls)));
}

}  // namespace carillon::orchestrator

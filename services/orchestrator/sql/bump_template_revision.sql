UPDATE orchestrator.template_revision SET revision = revision + 1

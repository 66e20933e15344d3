SELECT bus.source_id()

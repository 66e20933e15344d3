SELECT count(*) FROM dispatcher.pending WHERE state = 2

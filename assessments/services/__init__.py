"""What people do to a cycle and its dossiers: verbs with a keyword actor, permission and stage checked on each."""

"""An assistant for customers: a model that thinks, tools that do, and a person who is asked before anything is paid."""

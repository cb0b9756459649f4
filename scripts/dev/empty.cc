// Gives a library whose folders have no sources yet something to hold.

"""The contract of section 6 as files for whoever builds a central: made from the models of `sync`, never by hand."""

"""All families of operators; importing one registers what it has."""

import addresses
import bundles
import codings
import documents
import elements
import items
import jsonparts
import labels
import names
import packages
import privileges
import records
import roles
import sections
import variables

FAMILIES = (
    sections, items, roles, privileges, names, documents, codings, packages, variables, jsonparts, records, addresses, labels, elements, bundles
)

"""What makes moto's tables slow, put right.

A Query of moto's sorts the whole table before it looks for what was asked, so that a stack gets slower with every deployment it
has seen; an item is measured anew with each of its attributes; and an answer is looked through for each type and each name that
an attribute may have.
"""

import threading

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table


def answer_with_an_attribute_as_it_is():
    """moto keeps an attribute in the form in which DynamoDB sends it, but for bytes."""
    structure = BaseJSONSerializer._serialize_type_structure

    def sent_as_it_is(value):
        if type(value) is not dict or len(value) != 1:
            return False
        [(kind, inner)] = value.items()
        if kind in ("M", "L"):
            return all(map(sent_as_it_is, inner.values() if kind == "M" else inner))
        return kind in ("S", "N", "BOOL", "NULL", "SS", "NS")

    def answered(self, serialized, value, shape, key):
        if key and shape.name == "AttributeValue" and sent_as_it_is(value):
            self._default_serialize(serialized, value, shape, key)
        else:
            structure(self, serialized, value, shape, key)

    BaseJSONSerializer._serialize_type_structure = answered


def measure_an_item_once():
    """The size of an item that is put is looked at once it is whole; a single attribute that is set is added to what was there."""
    set_one = LimitedSizeDict.__setitem__

    def made(self, hash_key, range_key, attrs):
        self.hash_key, self.range_key = hash_key, range_key
        self.attrs = LimitedSizeDict()
        for key, value in attrs.items():
            dict.__setitem__(self.attrs, key, DynamoType(value))
        if attrs:
            last = next(reversed(attrs))
            set_one(self.attrs, last, self.attrs.pop(last))

    Item.__init__ = made


def query_what_was_asked():
    """A Query looks at the items under its key, one of an index at all of them; either sorts what it finds by itself."""
    query, all_items = Table.query, Table.all_items
    asked = threading.local()

    def queried(self, hash_key, comparison, values, limit, start, forward, projection, index_name=None, *more, **named):
        by_key = hash_key is not None and not index_name
        asked.items = [self.items.get(hash_key, {})] if by_key else self.items.values()
        try:
            return query(
                self, hash_key, comparison, values, limit, start, forward, projection, index_name, *more, **named
            )
        finally:
            asked.items = None

    def listed(self):
        partitions = getattr(asked, "items", None)
        if partitions is None or not self.range_key_attr:
            return all_items(self)
        # Other threads write meanwhile.
        return [item for partition in list(partitions) for item in list(partition.values())]

    Table.query, Table.all_items = queried, listed


MENDS = (query_what_was_asked, measure_an_item_once, answer_with_an_attribute_as_it_is)

"""The shop takes no files. Django would write whatever is sent, whoever sends it, to the disk
before any view is asked."""

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class NoFiles(FileUploadHandler):
    def new_file(self, field_name, *args, **kwargs):
        raise RequestDataTooBig("Expected a form without files, found a file.")

    def receive_data_chunk(self, raw_data, start):
        """Never asked: see new_file."""

    def file_complete(self, file_size):
        """Never asked: see new_file."""

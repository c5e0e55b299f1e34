// grpc-js reads this variable when it is imported. A machine may have it set; a user's has not.
delete process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;

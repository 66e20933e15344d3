SELECT identity.touch_session($1::uuid, $2::timestamptz)

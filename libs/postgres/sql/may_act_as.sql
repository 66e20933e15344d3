SELECT pg_has_role(current_user, $1::name, 'MEMBER') AS may_act_as

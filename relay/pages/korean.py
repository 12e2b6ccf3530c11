"""The pages in Korean."""

from typing import Final

from relay.pages.words import Note, Words

KOREAN: Final = Words(
    language="ko",
    product="승인 릴레이",
    signed_in="로그인: {name}",
    sign_out="로그아웃",
    skip="결정란으로 건너뛰기",
    statuses={
        "pending": "승인 대기 중",
        "approved": "승인됨",
        "rejected": "거절됨",
        "superseded": "새 요청으로 대체됨",
        "cancelled": "취소됨",
        "elsewhere": "GitHub에서 결정됨",
        "expired": "결정 없이 만료됨",
    },
    notification="알림",
    notified="알리기 위한 것이며 결정할 것은 없습니다.",
    decided="결정",
    ended="종료",
    newer="새 요청",
    called="보낸 쪽이 붙인 제목: “{title}”",
    after={"day": "{n}일 후", "hour": "{n}시간 후", "minute": "{n}분 후"},
    before={"day": "{n}일 전", "hour": "{n}시간 전", "minute": "{n}분 전"},
    soon="1분 이내",
    just_now="방금",
    releases="승인하면 실행되는 것",
    released="승인으로 실행된 것",
    not_released="승인했다면 실행되었을 것",
    comes_from="보낸 곳",
    repository="저장소",
    environment="환경",
    event="이벤트",
    reject_event="거절 시 이벤트",
    ref="Ref",
    commit="커밋",
    run="요청한 실행",
    requested_by="요청자",
    run_again="{by}, {also} 님이 다시 실행함",
    proven="GitHub가 증명함",
    proven_by_chat="채팅이 증명함",
    stated="보낸 쪽의 주장",
    asked="요청의 증명",
    proofs={
        "oidc": "요청한 워크플로를 GitHub가 보증함",
        "key": "이 릴레이의 API 키",
        "offline": "이 릴레이의 키로 서명된 티켓",
        "plain": "없음",
        "command": "요청자가 채팅에서 말한 명령",
        "github": "환경에서 기다리는 실행을 GitHub가 알림",
    },
    expires="만료",
    payload="페이로드",
    payload_about="실행되는 워크플로가 client_payload로 받습니다.",
    no_payload="실행되는 워크플로는 보낸 쪽의 페이로드를 받지 않습니다.",
    new_tab="새 탭에서 열림",
    sender="보낸 쪽의 글",
    sender_about="요청한 쪽이 쓴 글입니다. 릴레이는 그 내용을 확인하지 않았습니다.",
    links="링크",
    approvals="승인",
    counted="승인 {required}개 중 {n}개",
    passed="통과",
    waits="지금 대기 중",
    comes_later="다음 차례",
    was_rejected="거절됨",
    not_reached="시작되지 않음",
    anyone="허용된 조직의 모든 사람",
    deciders="결정하는 사람: {names}",
    more_people="외 {n}명",
    sends="통과하면 GitHub에 보내는 이벤트: {event}",
    approved_by="{name} 승인",
    rejected_by="{name} 거절",
    you="나",
    decision="내 결정",
    deciding_as="{name} 님의 이름으로 결정합니다.",
    why_not={
        "not-allowed": "이 단계를 결정하는 사람이 아닙니다. 볼 수는 있지만 결정은 다른 사람이 합니다.",
        "own-request": "본인이 요청한 것이므로 다른 사람이 결정해야 합니다.",
        "no-rule": "운영자의 정책에 이 요청을 받는 규칙이 없어 아무도 결정할 수 없습니다.",
    },
    may_reject={
        "not-allowed": "이 요청은 회원님을 승인자에서 제외했습니다. 거절은 할 수 있습니다.",
        "own-request": "회원님이 요청했으므로 다른 사람이 승인해야 합니다. 거절은 할 수 있습니다.",
    },
    already_counts="이 단계에 대한 내 승인은 이미 집계되었습니다. 거절은 아직 할 수 있습니다.",
    comment="의견",
    comment_required="의견 (필수)",
    comment_about="최대 1,000자. 보관되고, 다른 사람에게 보이며, 워크플로에 전달됩니다.",
    please_note="보낸 쪽이 알리는 주의 사항",
    operator_asks="주의 사항",
    approve="승인",
    reject="거절",
    trouble="아직 아무것도 기록되지 않았습니다",
    needs_comment="의견을 적으세요. 이 요청에는 의견이 필요합니다.",
    long_comment="의견을 1,000자 이내로 줄이세요.",
    not_yours="너무 오래되었거나 다른 사람에게 그려 준 페이지여서 받지 않았습니다. 여기에서 다시 결정하세요.",
    github="GitHub로 보낸 이벤트",
    debts={
        "owed": "아직 보내지 않음, 릴레이가 보내는 중",
        "retrying": "아직 받지 않음({why}), 릴레이가 계속 시도함",
        "delivered": "받음",
        "refused": "거부됨: {why}. 운영자가 고치고 다시 보낼 수 있음",
        "dead": "끝내 받지 않음({why}). 운영자가 고치고 다시 보낼 수 있음",
        "dropped": "보내지 않음: 운영자가 완전히 그만둠",
        "cancelled": "보내지 않음: 그 전에 그만둠",
    },
    attempts="{n}번째 시도",
    runs={
        "queued": "실행이 시작을 기다림",
        "running": "실행이 시작됨",
        "success": "실행이 성공함",
        "failure": "실행이 실패함",
        "cancelled": "실행이 취소됨",
    },
    reported="워크플로가 알림",
    rerun="({name} 님이 시작한 {n}번째 실행)",
    run_failed="다시 실행",
    run_again_about="마지막 실행이 성공하지 못했습니다. 같은 승인을 GitHub에 한 번 더 보내 새로 실행합니다.",
    start_over="다시 실행",
    refreshes="진행 중인 동안 이 페이지는 {n}초마다 다시 확인합니다.",
    stop="확인 멈추기",
    start="계속 확인하기",
    refused={
        "off": Note(
            "브라우저 검토가 꺼져 있습니다",
            "운영자가 RELAY_SIGN_IN 설정(entra, github, app-service)으로 켭니다. 설정했는데도 효과가 없으면 "
            "/api/health에 "
            "이유가 나옵니다. 그때까지는 요청을 받은 채팅에서 결정하세요.",
        ),
        "foreign": Note(
            "이 계정은 사용할 수 없습니다",
            "로그인했지만 이 릴레이 운영자의 목록에 있는 계정이 아닙니다. 허용된 테넌트의 회사 또는 학교 "
            "계정(Microsoft Entra)이나 정책에 있는 사람의 GitHub 계정이어야 합니다. 업무에 쓰는 계정으로 로그인하세요.",
        ),
        "signed-out": Note(
            "로그아웃된 상태입니다",
            "세션이 끝나 누른 것을 받지 않았고 아무것도 기록되지 않았습니다. 로그인하고 다시 결정하세요.",
        ),
        "unknown-request": Note(
            "알 수 없는 요청입니다",
            "너무 오래되었거나, 다른 릴레이의 것이거나, 아직 전체 링크로 열지 않은 요청입니다. 카드의 버튼으로 열거나 "
            "새로 요청해 달라고 하세요.",
        ),
        "not-genuine": Note(
            "올바른 링크가 아닙니다",
            "중간에 바뀌었거나, 다른 릴레이의 것이거나, 너무 오래된 링크입니다. 카드의 버튼으로 요청을 열거나 새로 "
            "요청해 달라고 하세요.",
        ),
        "other-site": Note(
            "받지 않았습니다: 다른 페이지에서 보낸 것입니다",
            "릴레이 주소에 있는 릴레이의 페이지에서만 결정할 수 있습니다. 아무것도 기록되지 않았습니다. 요청을 열고 "
            "거기에서 결정하세요.",
        ),
        "malformed": Note(
            "받지 않았습니다: 이 페이지가 보내는 형식이 아닙니다",
            "아무것도 기록되지 않았습니다. 요청을 열고 거기에서 결정하세요.",
        ),
        "too-large": Note(
            "받지 않았습니다: 너무 큽니다",
            "아무것도 기록되지 않았습니다. 요청을 열고 거기에서 결정하세요.",
        ),
        "busy": Note(
            "릴레이가 바쁩니다",
            "기록되지 않았을 수 있습니다. 잠시 후 요청을 다시 보세요. 다시 눌러도 안전합니다.",
        ),
        "settings": Note(
            "릴레이가 준비되지 않았습니다",
            "설정이 잘못되었거나 빠졌습니다. 어느 것인지는 운영자가 `relay doctor`나 /api/health에서 알 수 있습니다.",
        ),
        "sign-in-expired": Note(
            "이 로그인은 끝났습니다",
            "10분을 넘겼거나, 이미 끝났거나, 다른 브라우저 또는 릴레이의 다른 주소에서 시작되었습니다. 이것으로 "
            "로그인되지 않았습니다. 여기서 다시 시작하세요.",
        ),
        "sign-in-denied": Note(
            "로그인하지 않았습니다",
            "로그인이 취소되었거나 조직이 아직 동의하지 않았습니다. 다시 시작하거나 관리자에게 릴레이의 앱을 허용해 "
            "달라고 요청하세요.",
        ),
        "sign-in-refused": Note(
            "로그인에 실패했습니다",
            "응답이 진짜가 아니거나 이미 사용되었습니다. 아무것도 기록되지 않았습니다. 다시 시작하세요. 또 실패하면 "
            "운영자가 로그에서 이유를 찾습니다.",
        ),
        "sign-in-clock": Note(
            "시계가 서로 다릅니다",
            "로그인 시각이 이 릴레이의 시계와 5분 넘게 다릅니다. 운영자가 릴레이의 시계를 맞춰야 합니다. 그 뒤 다시 "
            "시작하세요.",
        ),
        "sign-in-provider": Note(
            "이 로그인 방법은 여기에 없습니다",
            "운영자가 다른 방법을 제공하거나 하나도 제공하지 않습니다. 다시 시작하면 볼 수 있습니다.",
        ),
        "sign-in-setup": Note(
            "릴레이가 로그인을 처리할 수 없습니다",
            "로그인 제공자가 릴레이 자신의 자격 증명을 받아들이지 않습니다. 운영자가 로그인의 클라이언트 ID나 비밀을 "
            "고쳐야 하며, 어느 것인지는 로그에 있습니다. 그 뒤 다시 시작하세요.",
        ),
        "sign-in-away": Note(
            "로그인 제공자가 응답하지 않습니다",
            "제공자에 연결할 수 없거나 오류가 났습니다. 아무것도 기록되지 않았습니다. 잠시 뒤 다시 시작하세요.",
        ),
        "nobody": Note("로그아웃되었습니다", "요청을 보려면 카드의 버튼이나 링크로 여세요."),
        "sign-out": Note(
            "로그아웃하지 않았습니다: 다른 페이지에서 온 요청입니다",
            "이 릴레이의 페이지만, 릴레이 자신의 주소에서만 로그아웃할 수 있습니다.",
        ),
    },
    back="요청 열기",
    sign_in="로그인",
    again="다시 보기",
    sign_in_with="{provider}로 로그인",
    sign_in_about="운영자가 알고 있는 계정을 고르세요.",
    signed_in_about="요청은 카드의 버튼이나 링크로 여세요.",
    other_account="다른 계정으로 로그인",
    start_again="다시 시작",
)

"""The four plans, task by task, as their decisions word them: number, parent, task, lead, coordinating bodies, time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command

from plans.models import Plan
from plans.working_groups import Person, WorkingGroup
from presets.plans import load_plan, names
from units.models import Unit

pytestmark = pytest.mark.django_db

Row = tuple[str, str, str, str, str, str]

QUANG_BINH: list[Row] = [
    (
        "II.1",
        "",
        (
            "Tự đánh giá chỉ số cải cách hành chính: tự đánh giá, chấm điểm cho từng tiêu chí, tiêu chí thành "
            "phần; hoàn thiện Báo cáo tự đánh giá kết quả chỉ số cải cách hành chính, tổng hợp các tài liệu "
            "kiểm chứng và cập nhật lên Phần mềm chấm điểm chỉ số cải cách hành chính"
        ),
        "Các cơ quan, đơn vị cấp sở, cấp huyện",
        "",
        "Trước ngày 15/12/2021",
    ),
    (
        "II.2",
        "",
        (
            "Nhập dữ liệu lên phần mềm chấm điểm chỉ số cải cách hành chính, trên cơ sở Báo cáo tự đánh giá đã"
            " được phê duyệt"
        ),
        "Các cơ quan, đơn vị cấp sở, cấp huyện",
        "",
        "Trước ngày 15/12/2021",
    ),
    (
        "II.2.1",
        "II.2",
        "Bước 1: Đăng nhập phần mềm",
        "Các cơ quan, đơn vị cấp sở, cấp huyện",
        "",
        "Trước ngày 15/12/2021",
    ),
    (
        "II.2.2",
        "II.2",
        (
            "Bước 2: Phân công đánh giá và nhập dữ liệu; trường hợp không có tài liệu kiểm chứng thì phải có "
            "nội dung giải trình cho số điểm tự đánh giá"
        ),
        "Các cơ quan, đơn vị cấp sở, cấp huyện",
        "",
        "Trước ngày 15/12/2021",
    ),
    (
        "II.2.3",
        "II.2",
        (
            "Bước 3: Rà soát kết quả: kiểm tra lại tài liệu kiểm chứng, nội dung giải trình và số điểm tự đánh"
            " giá phải khớp với Báo cáo tự đánh giá của cơ quan, đơn vị"
        ),
        "Các cơ quan, đơn vị cấp sở, cấp huyện",
        "",
        "Trước ngày 15/12/2021",
    ),
    (
        "II.2.4",
        "II.2",
        (
            "Bước 4: Gửi kết quả: xác nhận hoàn thành và chuyển cho Hội đồng thẩm định kết quả chỉ số cải cách"
            " hành chính"
        ),
        "Các cơ quan, đơn vị cấp sở, cấp huyện",
        "",
        "Trước ngày 15/12/2021",
    ),
    (
        "II.3",
        "",
        (
            "Điều tra xã hội học: xây dựng phiếu điều tra, chuyển đến các cơ quan cấp sở, cấp huyện để thực "
            "hiện điều tra; các điều tra viên trực tiếp đi khảo sát ý kiến của các đối tượng để thu thập, gửi "
            "về Sở Nội vụ tổng hợp"
        ),
        "Sở Nội vụ",
        "Các cơ quan cấp sở, cấp huyện",
        "Trước ngày 30/12/2021",
    ),
    (
        "II.4.1",
        "",
        (
            "Thẩm định chỉ số cải cách hành chính: xem xét, chấm điểm theo các tiêu chí, tiêu chí thành phần "
            "trong Bộ chỉ số, báo cáo kết quả cho UBND tỉnh"
        ),
        "Hội đồng thẩm định chỉ số cải cách hành chính",
        "",
        "Trước ngày 30/12/2021",
    ),
    (
        "II.4.2",
        "",
        "Công bố kết quả chỉ số cải cách hành chính cấp sở, cấp huyện",
        "UBND tỉnh",
        "Sở Nội vụ",
        "Trước ngày 15/01/2022",
    ),
    (
        "III.1",
        "",
        "Trách nhiệm của Sở Nội vụ",
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.1.1",
        "III.1",
        "Tham mưu UBND tỉnh thành lập Hội đồng thẩm định chỉ số cải cách hành chính cấp sở, cấp huyện",
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.1.2",
        "III.1",
        "Chủ trì, phối hợp với các cơ quan liên quan tổ chức điều tra xã hội học",
        "Sở Nội vụ",
        "Các cơ quan liên quan",
        "Trước ngày 30/12/2021",
    ),
    (
        "III.1.3",
        "III.1",
        "Tổng hợp kết quả thẩm định và điều tra xã hội học",
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.1.4",
        "III.1",
        "Thanh quyết toán kinh phí để phục vụ xác định chỉ số cải cách hành chính theo quy định",
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.1.5",
        "III.1",
        "Tham mưu UBND tỉnh quyết định công bố chỉ số cải cách hành chính cấp sở, cấp huyện",
        "Sở Nội vụ",
        "",
        "Trước ngày 15/01/2022",
    ),
    (
        "III.2",
        "",
        "Trách nhiệm của các sở, ban, ngành cấp tỉnh và UBND các huyện, thị xã, thành phố",
        "Các sở, ban, ngành cấp tỉnh và UBND các huyện, thị xã, thành phố",
        "",
        "",
    ),
    (
        "III.2.1",
        "III.2",
        (
            "Tự đánh giá kết quả thực hiện cải cách hành chính của cơ quan, đơn vị mình, nhập Báo cáo kết quả "
            "và tài liệu kiểm chứng lên phần mềm chấm điểm chỉ số kịp thời gian, tiến độ theo quy định"
        ),
        "Các sở, ban, ngành cấp tỉnh và UBND các huyện, thị xã, thành phố",
        "",
        "Trước ngày 15/12/2021",
    ),
    (
        "III.2.2",
        "III.2",
        (
            "Chỉ đạo, đôn đốc việc điều tra xã hội học tại cơ quan, đơn vị mình đảm bảo trung thực, hiệu quả, "
            "tiết kiệm thời gian và chi phí; lập danh sách người trả lời phiếu, người đi điều tra để thực hiện"
            " thanh quyết toán kinh phí đúng theo quy định"
        ),
        "Các sở, ban, ngành cấp tỉnh và UBND các huyện, thị xã, thành phố",
        "",
        "Trước ngày 30/12/2021",
    ),
    (
        "III.2.3",
        "III.2",
        "Bố trí kinh phí để phối hợp thực hiện xác định chỉ số cải cách hành chính cấp sở, cấp huyện theo quy định",
        "Các sở, ban, ngành cấp tỉnh và UBND các huyện, thị xã, thành phố",
        "",
        "",
    ),
]

BEN_TRE: list[Row] = [
    (
        "1",
        "",
        "Xây dựng kế hoạch tổ chức thực hiện thí điểm",
        "UBND tỉnh, các huyện, thành phố thí điểm",
        "Sở Nội vụ",
        "Tháng 3/2012",
    ),
    (
        "2",
        "",
        "Thẩm định kế hoạch thí điểm của các huyện, thành phố",
        "Sở Nội vụ",
        "Các huyện, thành phố thí điểm",
        "Tháng 3/2012",
    ),
    (
        "3",
        "",
        "Lập kinh phí cho các hoạt động trong quá trình thí điểm",
        "Sở Nội vụ",
        "",
        "Tháng 3/2012",
    ),
    (
        "4",
        "",
        "Thành lập Tổ công tác thí điểm DOSSI",
        "Sở Nội vụ, các huyện, thành phố thí điểm",
        "Các sở ngành có liên quan",
        "Tháng 3/2012",
    ),
    (
        "5",
        "",
        "Tổ chức thực hiện thí điểm theo kế hoạch",
        "Các huyện, thành phố thí điểm",
        "Sở Nội vụ",
        "Tháng 4-6/2012",
    ),
    (
        "6",
        "",
        "Hỗ trợ, đôn đốc, kiểm tra và theo dõi quá trình triển khai thực hiện thí điểm",
        "Tổ Công tác thí điểm DOSSI của tỉnh",
        "Các huyện, thành phố thí điểm",
        "Tháng 4-6/2012",
    ),
    (
        "7",
        "",
        "Các đơn vị thí điểm gửi báo cáo kết quả thực hiện thí điểm về Sở Nội vụ",
        "Các huyện, thành phố thí điểm",
        "",
        "Tháng 7/2012",
    ),
    (
        "8",
        "",
        "Tổng hợp, xử lý số liệu và xây dựng báo cáo tổng hợp gửi về Bộ Nội vụ",
        "Tổ Công tác thí điểm DOSSI của tỉnh",
        "",
        "Tháng 7/2012",
    ),
]

GIA_LAI: list[Row] = [
    (
        "II.1",
        "",
        "Sắp xếp lại bộ phận tiếp nhận và trả kết quả",
        "",
        "",
        "",
    ),
    (
        "II.1.1",
        "II.1",
        (
            "Rà soát, tổ chức lại bộ phận tiếp nhận và trả kết quả của cơ quan, bảo đảm hình thức, điều kiện "
            "diện tích, trang thiết bị, con người, quy trình phối hợp xử lý công việc như mục tiêu, yêu cầu "
            "tại Kế hoạch này"
        ),
        "Các Sở, ban, ngành, UBND cấp huyện, UBND cấp xã",
        "",
        "Trước ngày 30/11/2011",
    ),
    (
        "II.1.1a",
        "II.1.1",
        (
            "Sắp xếp chuyển khâu nhận hồ sơ và trả kết quả về đăng ký kinh doanh tại Phòng Tài chính – Kế "
            "hoạch, về đất đai tại Văn phòng Đăng ký quyền sử dụng đất, về công tác tư pháp tại Phòng Tư "
            "pháp... về thực hiện tập trung tại bộ phận tiếp nhận và trả kết quả của Văn phòng HĐND&UBND cấp "
            "huyện"
        ),
        "UBND cấp huyện",
        "",
        "Trước ngày 30/11/2011",
    ),
    (
        "II.1.2",
        "II.1",
        (
            "Tại các xã mà yêu cầu cung cấp dịch vụ hành chính không nhiều, ít thường xuyên thì tổ chức bộ "
            "phận tiếp nhận và trả kết quả theo mô hình 01 công chức Văn phòng – Thống kê thường trực làm "
            "nhiệm vụ nhận và trả kết quả"
        ),
        "UBND cấp xã",
        "",
        "",
    ),
    (
        "II.2",
        "",
        "Thực hiện cơ chế một cửa liên thông",
        "",
        "",
        "",
    ),
    (
        "II.2.1",
        "II.2",
        "Trình cấp có thẩm quyền phê duyệt phương án thực hiện cơ chế một cửa liên thông",
        "Cơ quan đầu mối chủ trì giải quyết công việc của cơ chế một cửa liên thông",
        "",
        "Trước ngày 30/12/2011",
    ),
    (
        "II.2.2",
        "II.2",
        "Phê duyệt phương án thực hiện cơ chế một cửa liên thông của Sở, ban, ngành và cấp huyện",
        "UBND tỉnh",
        "",
        "",
    ),
    (
        "II.2.3",
        "II.2",
        (
            "Phê duyệt phương án thực hiện cơ chế một cửa liên thông (sau khi thống nhất với Sở Nội vụ) của "
            "phòng ban trực thuộc và UBND cấp xã"
        ),
        "UBND cấp huyện",
        "Sở Nội vụ",
        "",
    ),
    (
        "II.3",
        "",
        (
            "Minh bạch công việc: đảm bảo 100% thủ tục hành chính, phí và lệ phí, quy trình xử lý công việc "
            "được công khai, minh bạch tại nơi nhận và trả hồ sơ"
        ),
        "Các Sở, ban, ngành, UBND cấp huyện, UBND cấp xã",
        "",
        "Trước ngày 30/11/2011",
    ),
    (
        "II.4",
        "",
        (
            "Đánh giá chất lượng dịch vụ hành chính: thường xuyên công bố các phản ánh, kiến nghị của tổ chức "
            "và công dân cho cán bộ, công chức biết, tự chấn chỉnh; tổ chức lấy ý kiến và đánh giá sự hài lòng"
            " của công dân, doanh nghiệp về thái độ, chất lượng phục vụ của cán bộ, công chức tại cơ quan, địa"
            " phương"
        ),
        "Các Sở, ban, ngành, UBND cấp huyện, UBND cấp xã",
        "",
        "Thường xuyên",
    ),
    (
        "II.5",
        "",
        "Áp dụng hệ thống tiêu chuẩn quản lý chất lượng TCVN ISO 9001:2008",
        "",
        "",
        "",
    ),
    (
        "II.5.1",
        "II.5",
        (
            "100% công việc thường xuyên của cơ quan có liên quan trực tiếp tới tổ chức, công dân tại Sở, ban,"
            " ngành, UBND cấp huyện được áp dụng hệ thống tiêu chuẩn quản lý chất lượng TCVN ISO 9001:2008"
        ),
        "Sở, ban, ngành, UBND cấp huyện",
        "",
        "Trước ngày 30/6/2015",
    ),
    (
        "II.5.2",
        "II.5",
        (
            "Thí điểm áp dụng hệ thống tiêu chuẩn quản lý chất lượng TCVN ISO 9001:2008 tại một số phường do "
            "địa phương tự lựa chọn"
        ),
        "UBND thành phố Pleiku, UBND thị xã An Khê và UBND thị xã Ayun Pa",
        "",
        "Trước ngày 30/12/2015",
    ),
    (
        "II.6",
        "",
        "Ứng dụng công nghệ thông tin",
        "",
        "",
        "",
    ),
    (
        "II.6.1",
        "II.6",
        "Thực hiện cơ chế một cửa hiện đại",
        "",
        "",
        "",
    ),
    (
        "II.6.1.1",
        "II.6.1",
        "Thực hiện cơ chế một cửa hiện đại vào năm 2011",
        "UBND thành phố Pleiku",
        "",
        "Năm 2011",
    ),
    (
        "II.6.1.2",
        "II.6.1",
        "Thực hiện cơ chế một cửa hiện đại vào năm 2012",
        "Sở Giao thông vận tải, UBND huyện Đak Đoa",
        "",
        "Năm 2012",
    ),
    (
        "II.6.1.3",
        "II.6.1",
        "Thực hiện cơ chế một cửa hiện đại vào năm 2013",
        "Sở Tài nguyên và Môi trường, Sở Xây dựng, UBND thị xã An Khê",
        "",
        "Năm 2013",
    ),
    (
        "II.6.1.4",
        "II.6.1",
        "Thực hiện cơ chế một cửa hiện đại vào năm 2014",
        "Sở Kế hoạch và Đầu tư, Sở Tư pháp, UBND thị xã Ayun Pa, UBND huyện Chư Sê",
        "",
        "Năm 2014",
    ),
    (
        "II.6.1.5",
        "II.6.1",
        "Thực hiện cơ chế một cửa hiện đại vào năm 2015",
        "UBND huyện Kbang, UBND huyện Chư Păh",
        "",
        "Năm 2015",
    ),
    (
        "II.6.1.6",
        "II.6.1",
        "Thí điểm thực hiện cơ chế một cửa hiện đại tại một số phường",
        "UBND thành phố Pleiku, UBND thị xã An Khê và UBND thị xã Ayun Pa",
        "",
        "Trước ngày 30/12/2015",
    ),
    (
        "II.6.2",
        "II.6",
        (
            "Xây dựng cổng thông tin điện tử hoặc trang thông tin điện tử cung cấp tất cả các dịch vụ công "
            "trực tuyến ở mức độ 2 và hầu hết các dịch vụ công cơ bản trực tuyến mức độ 3 tới tổ chức và công "
            "dân"
        ),
        "Các Sở, ban, ngành, UBND cấp huyện",
        "",
        "Trước ngày 30/12/2015",
    ),
    (
        "II.7",
        "",
        "Chuẩn hóa công chức tại bộ phận tiếp nhận và trả kết quả",
        "",
        "",
        "",
    ),
    (
        "II.7.1",
        "II.7",
        (
            "Sắp xếp đảm bảo công chức làm nhiệm vụ tiếp nhận và trả kết quả ở tỉnh, cấp huyện có trình độ "
            "chuyên môn Đại học, có năng lực chuyên môn giỏi và được bồi dưỡng kỹ năng giao tiếp"
        ),
        "Các Sở, ban, ngành, UBND cấp huyện",
        "",
        "Trước ngày 30/6/2012",
    ),
    (
        "II.7.2",
        "II.7",
        (
            "Sắp xếp đảm bảo công chức làm nhiệm vụ tiếp nhận và trả kết quả ở cấp xã có trình độ chuyên môn "
            "Trung cấp trở lên, có năng lực chuyên môn giỏi và được bồi dưỡng kỹ năng giao tiếp"
        ),
        "UBND cấp xã",
        "",
        "Trước ngày 30/6/2013",
    ),
    (
        "II.7.3",
        "II.7",
        (
            "Giúp lãnh đạo bộ phận nhận và trả kết quả báo cáo Thủ trưởng cơ quan và đề xuất xử lý các phản "
            "ảnh, bức xúc của tổ chức, công dân về thủ tục, quy định hành chính, ngoài nhiệm vụ hướng dẫn thủ "
            "tục, tiếp nhận hồ sơ, chuyển trả kết quả"
        ),
        "Công chức làm nhiệm vụ tiếp nhận và trả kết quả",
        "",
        "",
    ),
    (
        "II.7.4",
        "II.7",
        "Thường xuyên có văn bản báo cáo việc xử lý các vướng mắc này cho UBND tỉnh (qua Sở Nội vụ)",
        "Thủ trưởng cơ quan, đơn vị",
        "Sở Nội vụ",
        "Thường xuyên",
    ),
    (
        "II.8",
        "",
        (
            "Tăng cường đầu tư cơ sở vật chất, trang thiết bị cho bộ phận tiếp nhận và trả kết quả của cơ "
            "quan, đơn vị đạt chuẩn theo Quyết định số 93/2007/QĐ-TTg"
        ),
        "Các Sở, ban, ngành, UBND cấp huyện, UBND cấp xã",
        "",
        "Vào năm 2015",
    ),
    (
        "III.1",
        "",
        "Chỉ đạo, điều hành chung việc thực hiện Kế hoạch này",
        "Chủ tịch UBND tỉnh",
        "",
        "",
    ),
    (
        "III.2",
        "",
        "Trách nhiệm của Thủ trưởng các Sở, ban, ngành, Chủ tịch UBND các cấp",
        (
            "Thủ trưởng các Sở, ban, ngành, Chủ tịch UBND các huyện, thị xã, thành phố, Chủ tịch UBND xã, "
            "phường, thị trấn"
        ),
        "",
        "",
    ),
    (
        "III.2.1",
        "III.2",
        "Quán triệt, thông tin đầy đủ nội dung Quyết định này đến cán bộ, công chức để chấp hành thực hiện",
        (
            "Thủ trưởng các Sở, ban, ngành, Chủ tịch UBND các huyện, thị xã, thành phố, Chủ tịch UBND xã, "
            "phường, thị trấn"
        ),
        "",
        "",
    ),
    (
        "III.2.2",
        "III.2",
        (
            "Lập kế hoạch cụ thể về bố trí nhân lực, nguồn tài chính từ kinh phí được giao hoặc phân cấp, tiến"
            " độ, giải pháp để thực hiện đạt các mục tiêu của Kế hoạch này tại cơ quan, đơn vị mình; phân công"
            " nhiệm vụ cụ thể cho cấp dưới chủ động thực hiện; chịu trách nhiệm trực tiếp trước Chủ tịch UBND "
            "tỉnh về kết quả thực hiện"
        ),
        (
            "Thủ trưởng các Sở, ban, ngành, Chủ tịch UBND các huyện, thị xã, thành phố, Chủ tịch UBND xã, "
            "phường, thị trấn"
        ),
        "",
        "",
    ),
    (
        "III.3",
        "",
        "Trách nhiệm của Sở Nội vụ",
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.3.1",
        "III.3",
        (
            "Theo dõi, kiểm tra, hướng dẫn, phối hợp, đôn đốc thực hiện; tổng hợp, đánh giá tình hình thực "
            "hiện các mục tiêu của Kế hoạch; đề xuất Chủ tịch UBND tỉnh xử lý các vướng mắc, trở ngại phát "
            "sinh (nếu có)"
        ),
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.3.2",
        "III.3",
        (
            "Chủ trì tập huấn, bồi dưỡng kỹ năng cho công chức làm nhiệm vụ theo cơ chế một cửa, cơ chế một "
            "cửa liên thông; soạn thảo phiếu khảo sát, đo lường mức độ hài lòng của tổ chức, công dân đối với "
            "các dịch vụ hành chính công"
        ),
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.3.3",
        "III.3",
        (
            "Tham mưu UBND tỉnh về biên chế, chế độ, chính sách, khen thưởng, xử phạt đối với cán bộ, công "
            "chức làm việc tại bộ phận nhận và trả kết quả"
        ),
        "Sở Nội vụ",
        "",
        "Thực hiện xong trước ngày 30/6/2012",
    ),
    (
        "III.3.4",
        "III.3",
        (
            "Phối hợp thẩm tra các nhiệm vụ phát sinh kinh phí nhà nước trong dự toán ngân sách hàng năm để hỗ"
            " trợ cho việc thực hiện cơ chế một cửa, cơ chế một cửa liên thông của Sở, ban, ngành, UBND cấp "
            "huyện"
        ),
        "Sở Nội vụ",
        "",
        "",
    ),
    (
        "III.4",
        "",
        "Trách nhiệm của Văn phòng UBND tỉnh",
        "Văn phòng UBND tỉnh",
        "",
        "",
    ),
    (
        "III.4.1",
        "III.4",
        (
            "Chủ trì công tác kiểm soát thủ tục hành chính; phối hợp với Sở Nội vụ triển khai khảo sát mức độ "
            "hài lòng của tổ chức, công dân về các dịch vụ hành chính công"
        ),
        "Văn phòng UBND tỉnh",
        "Sở Nội vụ",
        "",
    ),
    (
        "III.4.2",
        "III.4",
        (
            "Phối hợp với Sở Nội vụ tham mưu UBND tỉnh giải quyết những bức xúc về thủ tục hành chính trong "
            "lĩnh vực quản lý đất đai, đăng ký kinh doanh, đầu tư xây dựng cơ bản, giao thông vận tải, công "
            "chứng, chứng thực, chứng minh nhân dân, hộ khẩu"
        ),
        "Văn phòng UBND tỉnh",
        "Sở Nội vụ",
        "",
    ),
    (
        "III.5",
        "",
        "Trách nhiệm của Sở Tài chính",
        "Sở Tài chính",
        "",
        "",
    ),
    (
        "III.5.1",
        "III.5",
        (
            "Hướng dẫn các cơ quan, đơn vị về cơ chế tài chính phục vụ cho các hoạt động nâng cao chất lượng "
            "thực hiện cơ chế một cửa, cơ chế một cửa liên thông tại Kế hoạch này từ nguồn dự toán ngân sách "
            "nhà nước hàng năm"
        ),
        "Sở Tài chính",
        "",
        "Trước ngày 30/8/2011",
    ),
    (
        "III.5.2",
        "III.5",
        (
            "Chủ trì phối hợp với cơ quan liên quan đề xuất cơ chế quản lý, sử dụng nguồn phí, lệ phí từ dịch "
            "vụ hành chính của bộ phận một cửa để trợ cấp cho công chức làm việc tại bộ phận tiếp nhận và trả "
            "kết quả theo quy định"
        ),
        "Sở Tài chính",
        "Cơ quan liên quan",
        "Thực hiện xong trước ngày 30/10/2011",
    ),
    (
        "III.5.3",
        "III.5",
        (
            "Chủ trì, phối hợp với Sở Nội vụ tổng hợp, trình cấp có thẩm quyền quyết định việc bố trí đủ vốn "
            "sự nghiệp từ ngân sách cho các nhiệm vụ tại Kế hoạch này trong dự toán ngân sách hàng năm của các"
            " cơ quan, đơn vị"
        ),
        "Sở Tài chính",
        "Sở Nội vụ",
        "",
    ),
    (
        "III.6",
        "",
        (
            "Chủ trì, phối hợp với Sở Nội vụ, Sở Tài chính tổng hợp, trình cấp có thẩm quyền quyết định việc "
            "bố trí đủ vốn đầu tư phát triển từ ngân sách cho các nhiệm vụ tại Kế hoạch này trong dự toán ngân"
            " sách hàng năm của các cơ quan, đơn vị và nguồn kinh phí hỗ trợ từ Chương trình cải cách hành "
            "chính của Trung ương"
        ),
        "Sở Kế hoạch và Đầu tư",
        "Sở Nội vụ, Sở Tài chính",
        "",
    ),
    (
        "III.7",
        "",
        (
            "Chủ trì triển khai nội dung ứng dụng công nghệ thông tin trong thực hiện cơ chế một cửa, cơ chế "
            "một cửa liên thông theo Kế hoạch này"
        ),
        "Sở Thông tin và Truyền thông",
        "",
        "",
    ),
    (
        "III.8",
        "",
        (
            "Chủ trì triển khai nội dung áp dụng hệ thống tiêu chuẩn quản lý chất lượng TCVN ISO 9001:2008 vào"
            " thực hiện cơ chế một cửa, cơ chế một cửa liên thông theo Kế hoạch này"
        ),
        "Sở Khoa học và Công nghệ",
        "",
        "",
    ),
    (
        "III.9",
        "",
        (
            "Đưa tin, đăng tải đầy đủ nội dung và quá trình triển khai thực hiện Kế hoạch này trên các phương "
            "tiện thông tin đại chúng để nhân dân biết, giám sát"
        ),
        "Báo Gia Lai, Đài Phát thanh truyền hình tỉnh, Đài Truyền thanh truyền hình huyện, thị xã, thành phố",
        "",
        "",
    ),
    (
        "III.10",
        "",
        (
            "Tăng cường tổ chức thông tin tuyên truyền, tham gia giám sát, đóng góp ý kiến, sáng kiến vào quá "
            "trình thực hiện các nội dung tại Kế hoạch này"
        ),
        "Uỷ ban Mặt trận tổ quốc Việt Nam và các đoàn thể các cấp",
        "",
        "",
    ),
]

SON_LA: list[Row] = [
    (
        "1",
        "",
        (
            "Xây dựng, dự thảo Bộ chỉ số đánh giá kết quả CCHC của các sở, ngành, UBND huyện, thành phố, xin ý"
            " kiến các cơ quan, đơn vị có liên quan trình Ủy ban nhân dân tỉnh quyết định ban hành"
        ),
        "Sở Nội vụ",
        "Các sở, ban, ngành; UBND các huyện, thành phố",
        "Tháng 01 năm 2014",
    ),
    (
        "2",
        "",
        "Xây dựng kế hoạch, tổ chức, triển khai thực hiện thí điểm Đề án về Chỉ số CCHC tại các cơ quan, đơn vị",
        "Sở Nội vụ",
        "Các sở, ban, ngành; UBND các huyện, thành phố",
        "Quý I năm 2014",
    ),
    (
        "3",
        "",
        (
            "Tổ chức điều tra xã hội học về tình hình, kết quả triển khai thực hiện nhiệm vụ công tác CCHC năm"
            " 2013 tại các cơ quan, đơn vị"
        ),
        "Sở Nội vụ",
        "Các sở, ban, ngành; UBND các huyện, thành phố",
        "Trong quý I+II năm 2014",
    ),
    (
        "4",
        "",
        "Rà soát, thẩm định, tổng hợp, báo cáo tình hình, kết quả thực hiện thí điểm Đề án về Chỉ số CCHC",
        "Sở Nội vụ",
        "Các sở, ban, ngành; UBND các huyện, thành phố",
        "Trong quý I năm 2015",
    ),
    (
        "5",
        "",
        "Sơ kết việc thực hiện thí điểm Đề án về Chỉ số CCHC",
        "Sở Nội vụ",
        "Các sở, ban, ngành; UBND các huyện, thành phố",
        "Quý III năm 2016",
    ),
]

# number, text, value, unit, comparison, task
GIA_LAI_TARGETS: list[tuple[str, str, str | None, str, str, str]] = [
    (
        "3.1a",
        "100% các cơ quan hành chính ở địa phương duy trì thực hiện có hiệu quả cơ chế một cửa",
        "100",
        "%",
        ">=",
        "",
    ),
    (
        "3.1b",
        (
            "100% công việc của tổ chức, công dân cần liên thông trách nhiệm, thẩm quyền giải quyết của nhiều "
            "cơ quan hành chính cùng cấp hoặc giữa các cấp phải được thực hiện theo cơ chế một cửa liên thông"
        ),
        "100",
        "%",
        ">=",
        "",
    ),
    (
        "3.2",
        (
            "100% cán bộ, công chức bố trí làm việc tại bộ phận tiếp nhận và trả kết quả được lựa chọn đáp ứng"
            " những yêu cầu cần thiết về phẩm chất, khả năng giao tiếp, năng lực nhiệm vụ chuyên môn"
        ),
        "100",
        "%",
        ">=",
        "",
    ),
    (
        "3.3",
        (
            "Bảo đảm bố trí đủ diện tích phòng làm việc, trang thiết bị tại bộ phận tiếp nhận và trả kết quả "
            "theo quy định tại Quyết định số 93/2007/QĐ-TTg của Thủ tướng Chính phủ"
        ),
        None,
        "",
        "",
        "II.8",
    ),
    (
        "3.4",
        (
            "Có cơ chế linh hoạt để tiếp nhận và xử lý kịp thời các phản ánh, vướng mắc của tổ chức, công dân "
            "đối với quy định về thủ tục hành chính gây nhiều bức xúc"
        ),
        None,
        "",
        "",
        "",
    ),
    (
        "3.5",
        (
            "Đo lường mức độ hài lòng của tổ chức, công dân đối với chất lượng phục vụ của cơ quan hành chính "
            "đạt trên 60% (theo hướng dẫn của Văn phòng Chính phủ)"
        ),
        "60",
        "%",
        ">",
        "",
    ),
    (
        "3.6a",
        "30% Sở, ban, ngành, UBND các huyện, thị xã, thành phố thực hiện cơ chế một cửa hiện đại",
        "30",
        "%",
        ">=",
        "",
    ),
    (
        "3.6b",
        "Thí điểm thực hiện cơ chế một cửa hiện đại tại một số phường ở tỉnh",
        None,
        "",
        "",
        "II.6.1.6",
    ),
    (
        "3.7a",
        (
            "Áp dụng hệ thống tiêu chuẩn quản lý chất lượng TCVN ISO 9001:2008 đối với tất cả các công việc "
            "thường xuyên liên quan trực tiếp tới tổ chức, công dân tại cơ quan hành chính cấp tỉnh, cấp huyện"
        ),
        "100",
        "%",
        ">=",
        "II.5.1",
    ),
    (
        "3.7b",
        "Triển khai thí điểm hệ thống tiêu chuẩn chất lượng TCVN ISO 9001:2008 tại một số phường",
        None,
        "",
        "",
        "II.5.2",
    ),
    (
        "3.8a",
        "100% Sở, ban, ngành và UBND cấp huyện đạt mức độ 2 đối với tất cả các dịch vụ công trực tuyến",
        "100",
        "%",
        ">=",
        "II.6.2",
    ),
    (
        "3.8b",
        "100% Sở, ban, ngành và UBND cấp huyện đạt mức độ 3 đối với các dịch vụ công cơ bản trực tuyến",
        "100",
        "%",
        ">=",
        "II.6.2",
    ),
]


def rows(plan: Plan) -> list[Row]:
    """The tasks of `plan` as a reader sees them."""
    return [
        (t.number, t.parent.number if t.parent else "", t.name, t.lead, t.coordinating, t.time_text)
        for t in plan.tasks.select_related("parent")
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("quang-binh", QUANG_BINH), ("ben-tre", BEN_TRE), ("gia-lai", GIA_LAI), ("son-la", SON_LA)],
)
def test_tasks_are_those_of_the_decision(name: str, expected: list[Row]) -> None:
    assert rows(load_plan(name)) == expected


def test_names_every_plan_has_its_tasks_spelled_out() -> None:
    assert names() == ["ben-tre", "gia-lai", "quang-binh", "son-la"]


@pytest.mark.parametrize(
    ("name", "number", "signed_on", "signer", "period"),
    [
        ("quang-binh", "2656/KH-UBND", dt.date(2021, 11, 30), "Trần Thắng", ("2021-11-30", "2022-01-15")),
        ("ben-tre", "458/QĐ-UBND", dt.date(2012, 3, 13), "Nguyễn Văn Hiếu", ("2012-03-13", "2012-07-31")),
        ("gia-lai", "464/QĐ-UBND", dt.date(2011, 7, 5), "Phạm Thế Dũng", ("2011-01-01", "2015-12-31")),
        ("son-la", "152/QĐ-UBND", dt.date(2014, 1, 22), "Cầm Ngọc Minh", ("2014-01-01", "2016-12-31")),
    ],
)
def test_header_is_that_of_the_decision(
    name: str, number: str, signed_on: dt.date, signer: str, period: tuple[str, str]
) -> None:
    plan = load_plan(name)
    assert (plan.number, plan.signed_on, plan.signer) == (number, signed_on, signer)
    assert (plan.period_start.isoformat(), plan.period_end.isoformat()) == period


def last_days(plan: Plan) -> dict[str, str]:
    """The last day of each dated task."""
    return {task.number: f"{task.deadline.last_day:%d/%m/%Y}" for task in plan.tasks.all() if task.deadline is not None}


def test_quang_binh_last_days_are_the_days_before_the_dates_of_the_plan() -> None:
    assert last_days(load_plan("quang-binh")) == {
        **dict.fromkeys(["II.1", "II.2", "II.2.1", "II.2.2", "II.2.3", "II.2.4", "III.2.1"], "14/12/2021"),
        **dict.fromkeys(["II.3", "II.4.1", "III.1.2", "III.2.2"], "29/12/2021"),
        **dict.fromkeys(["II.4.2", "III.1.5"], "14/01/2022"),
    }


def test_quang_binh_milestones_are_strict() -> None:
    plan = load_plan("quang-binh")
    assert [(m.key, m.on.isoformat(), m.inclusive) for m in plan.milestones.order_by("on", "key")] == [
        ("self_assessment", "2021-12-15", False),
        ("appraisal", "2021-12-30", False),
        ("survey", "2021-12-30", False),
        ("publication", "2022-01-15", False),
    ]


def test_ben_tre_months_end_with_their_last_day() -> None:
    assert last_days(load_plan("ben-tre")) == {
        **dict.fromkeys(["1", "2", "3", "4"], "31/03/2012"),
        **dict.fromkeys(["5", "6"], "30/06/2012"),
        **dict.fromkeys(["7", "8"], "31/07/2012"),
    }


def test_son_la_quarters_end_with_their_last_day() -> None:
    assert last_days(load_plan("son-la")) == {
        "1": "31/01/2014",
        "2": "31/03/2014",
        "3": "30/06/2014",
        "4": "31/03/2015",
        "5": "30/09/2016",
    }


def test_gia_lai_last_days_and_ongoing_tasks() -> None:
    plan = load_plan("gia-lai")
    assert last_days(plan) == {
        "II.1.1": "29/11/2011",
        "II.1.1a": "29/11/2011",
        "II.2.1": "29/12/2011",
        "II.3": "29/11/2011",
        "II.5.1": "29/06/2015",
        "II.5.2": "29/12/2015",
        "II.6.1.1": "31/12/2011",
        "II.6.1.2": "31/12/2012",
        "II.6.1.3": "31/12/2013",
        "II.6.1.4": "31/12/2014",
        "II.6.1.5": "31/12/2015",
        "II.6.1.6": "29/12/2015",
        "II.6.2": "29/12/2015",
        "II.7.1": "29/06/2012",
        "II.7.2": "29/06/2013",
        "II.8": "31/12/2015",
        "III.3.3": "29/06/2012",
        "III.5.1": "29/08/2011",
        "III.5.2": "29/10/2011",
    }
    assert [task.number for task in plan.tasks.filter(time_kind="ongoing")] == ["II.4", "II.7.4"]


def test_gia_lai_targets_are_those_of_the_decision() -> None:
    plan = load_plan("gia-lai")
    assert [
        (t.number, t.text, None if t.value is None else f"{t.value:f}", t.unit, t.comparison, t.task and t.task.number)
        for t in plan.targets.select_related("task")
    ] == [
        (number, text, None if value is None else f"{Decimal(value):.2f}", unit, comparison, task or None)
        for number, text, value, unit, comparison, task in GIA_LAI_TARGETS
    ]


PROVINCIAL_SEATS = [
    ("Tổ trưởng", "Giám đốc Sở Nội vụ", 1, 1, 0),
    ("Tổ viên", "Công chức phụ trách công tác cải cách hành chính của Sở Nội vụ", 2, 2, 1),
    ("Tổ viên", "Kế toán Sở Nội vụ", 1, 1, 0),
    ("Tổ viên", "Đại diện Sở Tư pháp", 1, 1, 0),
    ("Tổ viên", "Công chức Văn phòng Uỷ ban nhân dân tỉnh", 2, 2, 0),
    ("Tổ viên", "Đại diện Sở Tài nguyên và Môi trường", 1, 1, 0),
]
DISTRICT_SEATS = [
    ("Tổ trưởng", "Lãnh đạo Uỷ ban nhân dân huyện, thành phố", 1, 1, 0),
    ("Tổ viên", "Công chức làm việc tại bộ phận một cửa cấp huyện", 3, 3, 1),
    ("Tổ viên", "Đại diện của một số cơ quan chuyên môn cấp huyện", 3, 5, 0),
]
PILOT = [
    "Thành phố Bến Tre",
    "Huyện Châu Thành",
    "Huyện Bình Đại",
    "Huyện Ba Tri",
    "Huyện Giồng Trôm",
    "Huyện Chợ Lách",
    "Huyện Mỏ Cày Nam",
    "Huyện Thạnh Phú",
]


def seats(group: WorkingGroup) -> list[tuple[str, str, int, int, int]]:
    return [(s.role, s.body, s.count_min, s.count_max, s.skilled_min) for s in group.seats.all()]


def test_ben_tre_provincial_group_has_eight_members() -> None:
    group = load_plan("ben-tre").groups.get(name="Tổ công tác thí điểm DOSSI của tỉnh")
    assert (group.body, group.size_min, group.size_max) == ("Sở Nội vụ", 8, 8)
    assert seats(group) == PROVINCIAL_SEATS
    assert sum(seat[2] for seat in seats(group)) == 8


def test_ben_tre_every_pilot_unit_has_a_group_of_six_to_eight() -> None:
    groups = list(load_plan("ben-tre").groups.exclude(name="Tổ công tác thí điểm DOSSI của tỉnh"))
    assert [(group.body, group.size_min, group.size_max) for group in groups] == [(body, 6, 8) for body in PILOT]
    assert [seats(group) for group in groups] == [DISTRICT_SEATS] * 8


def test_ben_tre_group_of_eight_stands_and_one_fewer_expert_does_not() -> None:
    group = load_plan("ben-tre").groups.get(name="Tổ công tác thí điểm DOSSI của tỉnh")
    people = [
        Person(f"Người {seat.pk}-{n}", seat.body, seat.pk, skilled=n == 0 and seat.skilled_min > 0)
        for seat in group.seats.all()
        for n in range(seat.count_min)
    ]
    assert group.check_composition(people) == []
    assert group.check_composition([person._replace(skilled=False) for person in people]) == [
        "Tổ viên: Công chức phụ trách công tác cải cách hành chính của Sở Nội vụ: "
        "cần 1 người sử dụng thành thạo phần mềm Excel, mới có 0."
    ]


def test_ben_tre_sheets_are_8_a_and_360_b() -> None:
    quotas = list(load_plan("ben-tre").sheet_quotas.all())
    assert [(q.body, q.planned) for q in quotas if q.form == "A"] == [(body, 1) for body in PILOT]
    assert [(q.body, q.planned) for q in quotas if q.form == "B"] == [
        ("Thành phố Bến Tre", 60),
        ("Huyện Châu Thành", 60),
        ("Huyện Bình Đại", 60),
        ("Huyện Ba Tri", 60),
        ("Huyện Giồng Trôm", 30),
        ("Huyện Chợ Lách", 30),
        ("Huyện Mỏ Cày Nam", 30),
        ("Huyện Thạnh Phú", 30),
    ]
    assert sum(q.planned for q in quotas) == 368


def test_load_plan_twice_changes_nothing() -> None:
    first = load_plan("ben-tre")
    first.tasks.filter(number="8").update(lead="Sở Nội vụ")
    second = load_plan("ben-tre")
    assert second == first
    assert Plan.objects.count() == 1
    assert (second.tasks.count(), second.groups.count(), second.sheet_quotas.count()) == (8, 9, 16)
    assert second.tasks.get(number="8").lead == "Sở Nội vụ"


def district(code: str, parent: Unit) -> Unit:
    return Unit.objects.create(code=code, name=code, kind=Unit.Kind.DISTRICT, parent=parent)


def test_load_plan_units_of_its_own_province_are_linked() -> None:
    province = Unit.objects.create(code="ben-tre", name="Tỉnh Bến Tre", kind=Unit.Kind.PROVINCE)
    office = Unit.objects.create(code="so-noi-vu", name="Sở Nội vụ", kind=Unit.Kind.DEPARTMENT, parent=province)
    here = district("huyen-ba-tri", province)
    plan = load_plan("ben-tre")
    assert set(plan.tasks.get(number="1").leads.all()) == {province, here}
    assert set(plan.tasks.get(number="1").coordinators.all()) == {office}
    assert plan.groups.get(body="Huyện Ba Tri").unit == here
    assert plan.sheet_quotas.get(body="Huyện Ba Tri", form="B").unit == here


def test_load_plan_units_of_another_province_are_not_linked() -> None:
    province = Unit.objects.create(code="quang-binh", name="Tỉnh Quảng Bình", kind=Unit.Kind.PROVINCE)
    Unit.objects.create(code="so-noi-vu", name="Sở Nội vụ", kind=Unit.Kind.DEPARTMENT, parent=province)
    plan = load_plan("ben-tre")
    assert sum(task.leads.count() + task.coordinators.count() for task in plan.tasks.all()) == 0
    assert plan.groups.filter(unit__isnull=False).count() == 0


def test_load_plan_into_another_year_keeps_its_own_number_and_moves_the_times() -> None:
    own = Plan.objects.create(
        number="90/KH-UBND",
        title="Kế hoạch năm 2026",
        signed_on=dt.date(2026, 11, 1),
        issuing_body="UBND tỉnh Quảng Bình",
        period_start=dt.date(2026, 11, 1),
        period_end=dt.date(2027, 1, 15),
    )
    own.milestones.create(key="self_assessment", on=dt.date(2026, 12, 10), inclusive=True)
    plan = load_plan("quang-binh", into=own)
    assert (plan.pk, plan.number, plan.signed_on) == (own.pk, "90/KH-UBND", dt.date(2026, 11, 1))
    assert plan.tasks.get(number="II.1").time_text == "Trước ngày 15/12/2026"
    assert plan.tasks.get(number="II.4.2").time_text == "Trước ngày 15/01/2027"
    assert [(m.on, m.inclusive) for m in plan.milestones.all()] == [(dt.date(2026, 12, 10), True)]


def test_load_plan_command_says_what_it_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_plan", "ben-tre")
    assert capsys.readouterr().out == (
        "458/QĐ-UBND · Kế hoạch thực hiện thí điểm Bộ chỉ số đánh giá hoạt động của Bộ phận một cửa cấp huyện: "
        "8 nhiệm vụ, 0 chỉ tiêu, 9 tổ công tác, 368 phiếu.\n"
    )

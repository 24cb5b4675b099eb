using System.Text.Json.Nodes;
using Looper.Core.Events;
using Looper.Web.Api;
using Looper.Web.Api.Personalizer;
using Microsoft.AspNetCore.Http;

namespace Looper.Web.Tests.Api.Personalizer;

public sealed class PersonalizerFaultTests
{
    public static TheoryData<DataFault, int, string, string> Faults => new()
    {
        { DataFault.Full, 429, "429", "1" },
        { DataFault.Of(AppendStatus.Unavailable, "e")!, 503, "503", "5" },
        { DataFault.Malformed("it breaks off."), 400, "InvalidRankRequest", "" },
        { DataFault.Invalid("actions", "this is missing."), 400, "InvalidRankRequest", "" },
        { DataFault.TooLarge(1), 413, "PayloadSizeExceeded", "" },
        { DataFault.Conflict("e"), 409, "OperationNotAllowed", "" },
        { DataFault.UnknownPoint("offers"), 404, "ResourceNotFound", "" },
    };

    [Theory, MemberData(nameof(Faults))]
    public async Task A_refusal_keeps_its_status_its_reason_and_when_to_try_again(DataFault fault, int status, string code, string retryAfter)
    {
        var (http, body) = (new DefaultHttpContext(), new MemoryStream());
        http.Response.Body = body;
        await new PersonalizerFault(fault, "InvalidRankRequest").WriteAsync(http);
        Assert.Equal((status, retryAfter), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
        var error = JsonNode.Parse(body.ToArray())!["error"]!;
        Assert.Equal((code, fault.Reason, fault.Field, fault.Code), ((string?)error["code"], (string?)error["message"], (string?)error["target"], (string?)error["innerError"]!["code"]));
    }
}

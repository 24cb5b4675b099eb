using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Looper.Client.Tests;

internal enum AnswerKind
{
    Whole,

    /// <summary>Half of the body, then the connection is closed.</summary>
    Cut,

    /// <summary>Half of the body, then nothing more.</summary>
    Stall,

    /// <summary>Nothing, for ever.</summary>
    Silence,

    /// <summary>The connection is closed without a word.</summary>
    Hangup,

    /// <summary>Something that is not HTTP.</summary>
    Noise,
}

/// <summary>What <see cref="FaultyLooper"/> does with a request.</summary>
internal sealed record Answer(int Status, string Body, string Headers = "", AnswerKind Kind = AnswerKind.Whole)
{
    /// <summary>Of a batch: what it says of each observation.</summary>
    public IReadOnlyList<int> Statuses { get; private init; } = [];

    /// <summary>A body that is no text.</summary>
    public byte[]? Data { get; init; }

    /// <summary>Bytes that it says the body has; null for the truth.</summary>
    public long? Claims { get; init; }

    public const string Decided = """{"decisionId":"d-1","decision":"free-shipping","propensity":0.62,"reason":"policy","arm":"treatment","experiment":"banner-q4","blueprintVersion":7,"modelVersion":31,"isDefault":false}""";

    public static readonly Answer Silent = new(0, "", Kind: AnswerKind.Silence);

    public static Answer Healthy(Call call) => call.IsDecide ? new(200, Decided) : Items(call, _ => 202);

    /// <summary>A batch's answer with a status for each of its observations.</summary>
    public static Answer Items(Call call, Func<JsonNode, int> status, string headers = "")
    {
        int[] statuses = [.. call.Items.Select(status)];
        var items = statuses.Select(s => s == 202
            ? (JsonNode)new JsonObject { ["status"] = s, ["accepted"] = 1 }
            : new JsonObject { ["status"] = s, ["problem"] = new JsonObject { ["title"] = "Unprocessable Entity", ["detail"] = "There is no outcome 'purchse'." } });
        return new(200, new JsonObject { ["items"] = new JsonArray([.. items]) }.ToJsonString(), headers) { Statuses = statuses };
    }

    public static Answer Problem(int status, string headers = "") =>
        new(status, $$"""{"title":"A title","status":{{status}},"detail":"A reason and a way out.","code":"request.wrong"}""", headers);

    /// <summary>This, cut short or stalled in the middle of its body.</summary>
    public Answer As(AnswerKind kind) => this with { Kind = kind };

    public byte[] Bytes()
    {
        if (Kind is AnswerKind.Silence or AnswerKind.Hangup) return [];
        if (Kind == AnswerKind.Noise) return Encoding.UTF8.GetBytes("220 mail.example.com ESMTP\r\n\r\n");
        var body = Data ?? Encoding.UTF8.GetBytes(Body);
        var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} Said\r\nContent-Type: application/json\r\nContent-Length: {Claims ?? body.Length}\r\n{Headers}\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. Kind == AnswerKind.Whole ? body : body.AsSpan(0, body.Length / 2)];
    }
}

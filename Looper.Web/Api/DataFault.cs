using System.Globalization;
using System.Text.Json;
using Looper.Core.Events;
using Microsoft.AspNetCore.WebUtilities;

namespace Looper.Web.Api;

/// <summary>Why a data route does not do what it was asked: what to answer, and with which code.</summary>
/// <param name="Field">Path of the field at fault, or null.</param>
/// <param name="RetryAfter">Seconds after which the same call may succeed; 0 when it never will.</param>
public sealed record DataFault(int Status, string Code, string Reason, string? Field = null, int RetryAfter = 0)
{
    /// <summary>More arrives than can be worked on or stored.</summary>
    public static readonly DataFault Full = new(429, "journal.full", "More calls arrive than can be stored. Send this one again, with the same id.", RetryAfter: 1);

    /// <summary>A large body that did not come to its end in time.</summary>
    public static readonly DataFault TooSlow = new(408, "request.too-slow", "The body came too slowly, so nothing was stored. Send it again, or less at once.");

    public static DataFault Malformed(string why) => new(400, "request.malformed", $"The body is not JSON in UTF-8: {why}");

    public static DataFault Invalid(string field, string why) => new(422, "request.invalid", $"{field}: {why}", field);

    public static DataFault TooLarge(long limit) =>
        new(413, "request.too-large", string.Create(CultureInfo.InvariantCulture, $"The body is larger than {limit} bytes. Send less at once."));

    public static DataFault Conflict(string id) =>
        new(409, "idempotency.conflict", $"'{id}' was used before with another content. Nothing was changed. Use a new id for a new call.");

    public static DataFault Shared(string outcome) => new(
        422, "outcome.shared",
        $"outcomes.{outcome}: a decision point that this key may not use has this outcome too, and what is reported of a unit counts for all of them. Name the decision instead of the unit, or use a key for all of them.",
        $"outcomes.{outcome}");

    public static DataFault UnknownPoint(string key) =>
        new(404, "decision-point.unknown", $"There is no decision point '{key}' that this key may use. Check its spelling, and that it is published.", "decisionPoint");

    /// <param name="id">The call's own id, or the decision it names.</param>
    /// <returns>Null when the journal took the call.</returns>
    public static DataFault? Of(AppendStatus status, string id) => status switch
    {
        AppendStatus.Foreign => new(404, "decision.unknown", $"There is no decision '{id}' that this key may report on. Check the id, or use a key for its decision point.", "decisionId"),
        AppendStatus.NoSuchCandidate => new(422, "candidate.unknown", $"candidate: the decision '{id}' did not answer with it. Name a candidate of its ranking, or the one that was picked; leave it out for the decision as a whole.", "candidate"),
        AppendStatus.Conflict => Conflict(id),
        AppendStatus.Full => Full,
        AppendStatus.Unavailable => new(503, "journal.unavailable", "Looper cannot write to its disk, so nothing was stored. Send this again, with the same id.", RetryAfter: 5),
        _ => null,
    };

    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/problem+json";
        if (RetryAfter > 0) http.Response.Headers.RetryAfter = RetryAfter.ToString(CultureInfo.InvariantCulture);
        if (Status == 401) http.Response.Headers.WWWAuthenticate = "ApiKey";
        await AnswerBuffer.SendAsync(http.Response, this, static (json, fault) => fault.Write(json));
    }

    /// <summary>Problem details (RFC 9457).</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, $"https://www.rfc-editor.org/rfc/rfc9110#status.{Status}");
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(Status));
        json.WriteNumber("status"u8, Status);
        json.WriteString("detail"u8, Reason);
        json.WriteString("code"u8, Code);
        if (Field is not null) json.WriteString("field"u8, Field);
        json.WriteEndObject();
    }
}

using System.Text.Json;
using Looper.Core;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Web.Api;
using Looper.Web.Console;
using Looper.Web.Console.Layout;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Hosting;

/// <summary>One table from what was thrown to what the caller is told. Refusals never come this way.</summary>
internal sealed class Faults(DatabaseAvailability database) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                await Refusals.WriteAsync(httpContext, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "request.too-large" : "request.malformed", Reason(bad), Field(bad));
                return true;
            case NotSupportedException kindless when kindless.Message.Contains("type discriminator", StringComparison.Ordinal):
                var at = PathOf(kindless.Message.Split("Path: ")[^1].Split(" | ")[0]);
                await Refusals.WriteAsync(httpContext, StatusCodes.Status400BadRequest, "request.malformed", $"{(at is null ? "The body" : $"'{at}'")} lacks 'kind'. Give one that the API reference lists.", at is null ? "kind" : $"{at}.kind");
                return true;
            case UnreadableVersionException unreadable:
                await Refusals.WriteAsync(httpContext, StatusCodes.Status409Conflict, unreadable.Refusal.Code, unreadable.Refusal.Reason);
                return true;
            case var fault when fault is DbUpdateConcurrencyException || DatabaseFaults.IsTaken(fault):
                await Refusals.WriteAsync(httpContext, StatusCodes.Status412PreconditionFailed, "revision.changed-meanwhile",
                    "Somebody else saved this meanwhile, so nothing was changed. Read it again, then repeat your change.");
                return true;
            case var fault when DatabaseFaults.IsUnfit(fault):
                await Refusals.WriteAsync(httpContext, StatusCodes.Status422UnprocessableEntity, "text.invalid",
                    "A text is longer than the database has room for, or holds a character that it cannot keep, such as NUL. Nothing was changed. Shorten it, or take the character out.");
                return true;
            case var fault when DatabaseFaults.Told(fault) is { } refusal:
                if (refusal.Code == "database.unavailable") database.Failed(fault);
                if (RetryAfter(refusal) is { } seconds) httpContext.Response.Headers.RetryAfter = seconds;
                await TellAsync(httpContext, refusal);
                return true;
            case OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested:
                httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return true;
            default:
                return false;
        }
    }

    private static string? RetryAfter(Refusal refusal) => refusal.Code switch { "database.unavailable" => "5", "database.full" => "30", _ => null };

    private static Task TellAsync(HttpContext http, Refusal refusal)
    {
        var status = RetryAfter(refusal) is null ? StatusCodes.Status500InternalServerError : StatusCodes.Status503ServiceUnavailable;
        return ConsoleSetup.AsksForPage(http)
            ? new RazorComponentResult<FaultPage>(new { refusal.Reason }) { StatusCode = status }.ExecuteAsync(http)
            : Refusals.WriteAsync(http, status, refusal.Code, refusal.Reason);
    }

    private static string Reason(BadHttpRequestException bad) => bad.InnerException switch
    {
        JsonException json when Missing(json) is [var first, ..] missing => $"{At(json) ?? "The body"} lacks {string.Join(", ", missing.Select(m => $"'{m}'"))}. Give {(missing.Length == 1 ? $"'{first}'" : "them")}, or see the API reference.",
        JsonException json when Field(bad) is { } field => $"'{field}' {Fault(json.Message)}",
        JsonException json => $"The body {Fault(json.Message)}",
        _ when bad.StatusCode == StatusCodes.Status413PayloadTooLarge => $"{bad.Message} Send less at once.",
        _ when bad.Message.Contains("no body was provided", StringComparison.Ordinal) => "The body is missing. Send JSON with the fields that the API reference lists.",
        _ when Parameter(bad) is { } name => $"{name}: it is missing, or cannot be read. Give it in the address as the API reference shows.",
        _ => bad.Message,
    };

    // "Required parameter "string arm" was not provided from route or query string." names a type of ours.
    private static string? Parameter(BadHttpRequestException bad) =>
        bad.InnerException is null && bad.Message.Contains("parameter \"", StringComparison.Ordinal) && bad.Message.Split('"') is [_, var declared, ..] ? declared.Split(' ')[^1] : null;

    /// <summary>The framework's own sentence names types of ours, so only its kind is told.</summary>
    private static string Fault(string message) => message switch
    {
        _ when message.Contains("could not be mapped", StringComparison.Ordinal) => "is not a field of this request. Leave it out, or see the API reference for its name.",
        _ when message.Contains("type discriminator", StringComparison.Ordinal) => "has a kind that there is not. Give one that the API reference lists.",
        _ when message.Contains("uplicate property", StringComparison.Ordinal) => "is given twice. Give it once.",
        _ when message.Contains("null", StringComparison.Ordinal) => "is null. Give a value.",
        _ when message.Contains("maximum configured depth", StringComparison.OrdinalIgnoreCase) => "is nested too deeply.",
        _ when message.Contains("could not be converted", StringComparison.Ordinal) => "is not of the type expected here. See the API reference.",
        _ when message.StartsWith(JsonSetup.NoTime, StringComparison.Ordinal) => JsonSetup.NoTime,
        _ => "is not JSON as it should be. Look for a missing comma, quote or bracket.",
    };

    private static string? Field(BadHttpRequestException bad) => bad.InnerException is not JsonException json ? bad.Message.Contains("no body was provided", StringComparison.Ordinal) ? null : Parameter(bad)
        : Missing(json) is [var missing, ..] ? (PathOf(json) is { } path ? $"{path}.{missing}" : missing)
        : PathOf(json);

    private static string? At(JsonException json) => PathOf(json) is { } path ? $"'{path}'" : null;

    private static string? PathOf(JsonException json) => PathOf(json.Path);

    private static string? PathOf(string? path) => path?.TrimStart('$').TrimStart('.') is { Length: > 0 } field ? field : null;

    /// <summary>The fields that an object must have and has not, which only the framework's sentence tells: <c>… was missing required properties including: 'a', 'b'.</c></summary>
    private static string[] Missing(JsonException json) => !json.Message.Contains("missing required", StringComparison.Ordinal) ? []
        : [.. json.Message[json.Message.LastIndexOf(':')..].Split('\'').Where((_, i) => i % 2 == 1)];
}

using System.Data.Common;
using System.Text.Json;
using Looper.Web.Api;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Hosting;

/// <summary>One table from what was thrown to what the caller is told. Refusals never come this way.</summary>
internal sealed class Faults : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                await Refusals.WriteAsync(httpContext, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "request.too-large" : "request.malformed", Reason(bad), Field(bad));
                return true;
            case DbUpdateConcurrencyException:
                await Refusals.WriteAsync(httpContext, StatusCodes.Status412PreconditionFailed, "revision.changed-meanwhile",
                    "Somebody else saved this meanwhile, so nothing was changed. Read it again, then repeat your change.");
                return true;
            case DbException or DbUpdateException { InnerException: DbException { IsTransient: true } }:
                httpContext.Response.Headers.RetryAfter = "5";
                await Refusals.WriteAsync(httpContext, StatusCodes.Status503ServiceUnavailable, "database.unavailable",
                    "The database does not answer. Decisions are still answered; try this again in a few seconds.");
                return true;
            case OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested:
                httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return true;
            default:
                return false;
        }
    }

    private static string Reason(BadHttpRequestException bad) => bad.InnerException switch
    {
        JsonException { Path: { Length: > 0 } path } json => $"{path}: not what is expected here. {FirstSentence(json.Message)}",
        JsonException json => $"The body is not JSON. {FirstSentence(json.Message)}",
        _ when bad.StatusCode == StatusCodes.Status413PayloadTooLarge => $"{bad.Message} Send less at once.",
        _ => bad.Message,
    };

    private static string? Field(BadHttpRequestException bad) => (bad.InnerException as JsonException)?.Path?.TrimStart('$').TrimStart('.') is { Length: > 0 } path ? path : null;

    /// <summary>What follows names types and byte positions of ours.</summary>
    private static string FirstSentence(string message) => message.Split(" Path:")[0];
}

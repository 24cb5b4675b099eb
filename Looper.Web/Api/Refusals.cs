using Looper.Core;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>How a rule's no reads over HTTP.</summary>
public static class Refusals
{
    public static ProblemHttpResult AsProblem(this Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return Problem(refusal, StatusOf(refusal.Code));
    }

    private static ProblemHttpResult Problem(Refusal refusal, int status)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = refusal.Code };
        if (refusal.Field is not null) extensions["field"] = refusal.Field;
        if (refusal.Faults.Count > 0) extensions["errors"] = refusal.Faults.Select(f => new { f.Field, f.Reason });
        return TypedResults.Problem(refusal.Reason, statusCode: status, extensions: extensions);
    }

    /// <summary>For where no handler runs: refused before routing, or by a filter.</summary>
    public static Task WriteAsync(HttpContext http, int status, string code, string reason, string? field = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        return Problem(new Refusal(code, reason, field), status).ExecuteAsync(http);
    }

    /// <summary>The end of the code decides; a rule that says no for its own reason is a conflict with the state of things.</summary>
    public static int StatusOf(string code) => code switch
    {
        "access.denied" or "access.cross-site" => StatusCodes.Status403Forbidden,
        "sign-in.failed" => StatusCodes.Status401Unauthorized,
        "sign-in.locked" or "setup.paused" or "request.too-many" => StatusCodes.Status429TooManyRequests,
        _ when code.EndsWith(".malformed", StringComparison.Ordinal) => StatusCodes.Status400BadRequest,
        _ when code.EndsWith(".too-large", StringComparison.Ordinal) => StatusCodes.Status413PayloadTooLarge,
        _ when code.EndsWith(".unknown", StringComparison.Ordinal) => StatusCodes.Status404NotFound,
        _ when code.EndsWith(".changed-meanwhile", StringComparison.Ordinal) => StatusCodes.Status412PreconditionFailed,
        _ when code.EndsWith(".invalid", StringComparison.Ordinal) => StatusCodes.Status422UnprocessableEntity,
        _ when code.EndsWith(".unavailable", StringComparison.Ordinal) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };
}

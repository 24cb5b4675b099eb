using Looper.Core;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>How a rule's no reads over HTTP.</summary>
public static class Refusals
{
    public static ProblemHttpResult AsProblem(this Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var extensions = new Dictionary<string, object?> { ["code"] = refusal.Code };
        if (refusal.Field is not null) extensions["field"] = refusal.Field;
        if (refusal.Faults.Count > 0) extensions["errors"] = refusal.Faults.Select(f => new { f.Field, f.Reason });
        return TypedResults.Problem(refusal.Reason, statusCode: StatusOf(refusal.Code), extensions: extensions);
    }

    /// <summary>The end of the code decides; a rule that says no for its own reason is a conflict with the state of things.</summary>
    public static int StatusOf(string code) => code switch
    {
        "access.denied" => StatusCodes.Status403Forbidden,
        _ when code.EndsWith(".unknown", StringComparison.Ordinal) => StatusCodes.Status404NotFound,
        _ when code.EndsWith(".changed-meanwhile", StringComparison.Ordinal) => StatusCodes.Status412PreconditionFailed,
        _ when code.EndsWith(".invalid", StringComparison.Ordinal) => StatusCodes.Status422UnprocessableEntity,
        _ when code.EndsWith(".unavailable", StringComparison.Ordinal) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };
}

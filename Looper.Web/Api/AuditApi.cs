using Looper.Core.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/audit").WithTags("Access");
        group.MapGet("", List).WithName("listAudit");
        group.MapPost("/verify", Verify).WithName("verifyAudit");
    }

    /// <summary>Who changed what, newest first.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<AuditView>>, ProblemHttpResult>> List(
        Caller caller, AuditQueries audit, CancellationToken cancel, string? who = null, string? action = null, string? subject = null, long? before = null, int size = 50)
    {
        var answered = await audit.ListAsync(caller, new AuditFilter(who, action, subject, before, size), cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>Checks that every entry of the audit still seals the one before.</summary>
    internal static async Task<Results<Ok<AuditCheck>, ProblemHttpResult>> Verify(Caller caller, AuditQueries audit, CancellationToken cancel)
    {
        var answered = await audit.VerifyAsync(caller, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }
}

using Looper.Core.Access;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Looper.Web.Api;

public static class SetupApi
{
    public static void MapSetup(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/setup", SetUp).AllowAnonymous().WithMetadata(new RequestSizeLimitAttribute(AttemptLimits.BodyBytes)).WithName("setUp").WithTags("Access");

    /// <summary>Makes the first account and signs it in; unknown ever after.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SetUp(SetUpLooper request, FirstAccount first, AttemptLimits limits, HttpContext http, CancellationToken cancel)
    {
        if (limits.Refuse(http) is { } tooMany) return tooMany.AsProblem();
        var answered = await first.CreateAsync(request.Token, request.Email, request.Name, request.Password, request.Installation, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        await http.SignInAsync(LooperSchemes.Cookie, SessionEvents.PrincipalOf(answered.Value!));
        return TypedResults.NoContent();
    }

    public sealed record SetUpLooper(string Token, string Email, string Name, string Password, string? Installation = null);
}

using Looper.Core.Access;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class SignInApi
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(14);

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/sign-in", SignIn).AllowAnonymous().RequireRateLimiting(RateLimits.SignIn).WithName("signIn").WithTags("Access");
        routes.MapPost("/api/sign-out", SignOut).WithName("signOut").WithTags("Access");
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> SignIn(
        SignInRequest request, SignIns signIns, AccountLimit accounts, HttpContext http, CancellationToken cancel)
    {
        if (!accounts.Allows(UserRules.EmailKey(request.Email))) return SignIns.Locked.AsProblem();
        var answered = await signIns.CheckAsync(request.Email, request.Password, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        await StartAsync(http, answered.Value!, request.Remember);
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> SignOut(Caller caller, ProfileActions profile, HttpContext http, CancellationToken cancel)
    {
        if (await profile.SignOutAsync(caller, cancel) is { } refusal) return refusal.AsProblem();
        await http.SignOutAsync(LooperSchemes.Cookie);
        return TypedResults.NoContent();
    }

    internal static Task StartAsync(HttpContext http, SignedIn user, bool remember) => http.SignInAsync(
        LooperSchemes.Cookie, SessionEvents.PrincipalOf(user),
        remember ? new AuthenticationProperties { IsPersistent = true, ExpiresUtc = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() + Remembered } : new());

    public sealed record SignInRequest(string Email, string Password, bool Remember = false);
}

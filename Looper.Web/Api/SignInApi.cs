using Looper.Core;
using Looper.Core.Access;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Looper.Web.Api;

public static class SignInApi
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(14);

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/sign-in", SignIn).AllowAnonymous().WithMetadata(new RequestSizeLimitAttribute(AttemptLimits.BodyBytes)).WithName("signIn").WithTags("Access");
        routes.MapPost("/api/sign-out", SignOut).WithName("signOut").WithTags("Access");
    }

    /// <summary>Signs in with e-mail address and password; the session is a cookie.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SignIn(
        SignInRequest request, SignIns signIns, AttemptLimits limits, HttpContext http, CancellationToken cancel)
    {
        if (limits.Refuse(http, request.Email) is { } tooMany) return tooMany.AsProblem();
        var answered = await signIns.CheckAsync(request.Email, request.Password, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        await StartAsync(http, answered.Value!, request.Remember);
        return TypedResults.NoContent();
    }

    /// <summary>Ends every session of the user. The console's own form is sent on to the sign-in page.</summary>
    internal static async Task<Results<NoContent, RedirectHttpResult, ProblemHttpResult>> SignOut(
        Caller caller, ProfileActions profile, IAntiforgery forms, HttpContext http, CancellationToken cancel)
    {
        var isForm = http.Request.HasFormContentType;
        if (isForm && !await forms.IsRequestValidAsync(http))
            return new Refusal("access.cross-site", "This form is not from this console, or too old. Open the page again.").AsProblem();
        if (await profile.SignOutAsync(caller, cancel) is { } refusal) return refusal.AsProblem();
        await http.SignOutAsync(LooperSchemes.Cookie);
        return isForm ? TypedResults.Redirect("/sign-in") : TypedResults.NoContent();
    }

    internal static Task StartAsync(HttpContext http, SignedIn user, bool remember) => http.SignInAsync(
        LooperSchemes.Cookie, SessionEvents.PrincipalOf(user),
        remember ? new AuthenticationProperties { IsPersistent = true, ExpiresUtc = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() + Remembered } : new());

    public sealed record SignInRequest(string Email, string Password, bool Remember = false);
}

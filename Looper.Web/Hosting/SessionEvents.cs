using System.Security.Claims;
using Looper.Core.Access;
using Looper.Web.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Looper.Web.Hosting;

/// <summary>What a session cookie says, and what happens without one.</summary>
public sealed class SessionEvents(UserRing users) : CookieAuthenticationEvents
{
    public static ClaimsPrincipal PrincipalOf(SignedIn user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return new(new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, user.Id.ToString()), new Claim(ClaimTypes.Name, user.Email),
                new Claim(LooperSchemes.NameClaim, user.Name), new Claim(ClaimTypes.Role, user.Role.ToString()), new Claim(LooperSchemes.StampClaim, user.Stamp),
            ], LooperSchemes.Cookie, ClaimTypes.Name, ClaimTypes.Role));
    }

    /// <summary>The user as they are now, not as they were when the cookie was made.</summary>
    public static SignedIn? Current(UserRing users, ClaimsPrincipal? principal) =>
        Guid.TryParse(principal?.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? users.Find(id, principal!.FindFirstValue(LooperSchemes.StampClaim) ?? "") : null;

    /// <summary>The session has not ended, and its role is still that of the user.</summary>
    public static bool StillHolds(UserRing users, ClaimsPrincipal principal) => Current(users, principal) is { } now && principal.IsInRole(now.Role.ToString());

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (Current(users, context.Principal) is { } user)
        {
            context.ReplacePrincipal(PrincipalOf(user));
            return;
        }
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(LooperSchemes.Cookie);
    }

    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (IsForPeople(context.Request))
        {
            context.Response.Redirect(users.IsEmpty ? "/setup" : context.RedirectUri);
            return Task.CompletedTask;
        }
        return Refusals.WriteAsync(context.HttpContext, StatusCodes.Status401Unauthorized, "access.unknown-caller", "Sign in, or send a key in X-Api-Key.");
    }

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context) =>
        Refusals.WriteAsync(context.HttpContext, StatusCodes.Status403Forbidden, "access.denied", "Your role may not do that. Ask an admin.");

    private static bool IsForPeople(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/v1") && !request.Path.StartsWithSegments("/openapi") && !request.Path.StartsWithSegments("/metrics") && !request.Path.StartsWithSegments("/_blazor");
}

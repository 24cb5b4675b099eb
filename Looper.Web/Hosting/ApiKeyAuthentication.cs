using System.Security.Claims;
using System.Text.Encodings.Web;
using Looper.Core.Access;
using Looper.Web.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>Lets a key with the scope read or manage call management routes: as a viewer the one, as an engineer the other.
/// Data routes ask <see cref="ApiKeyRing"/> themselves.</summary>
public sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyRing keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers[LooperSchemes.KeyHeader] is not [{ } text]) return Task.FromResult(AuthenticateResult.NoResult());
        if (!keys.TryFind(text, out var grant)) return Task.FromResult(AuthenticateResult.Fail("Unknown, revoked or expired key."));
        Role? role = grant.May(KeyScopes.Manage) ? Role.Engineer : grant.May(KeyScopes.Read) ? Role.Viewer : null;
        var identity = new ClaimsIdentity(LooperSchemes.Key, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, $"key {grant.Name}"));
        if (role is { } has) identity.AddClaim(new Claim(ClaimTypes.Role, has.ToString()));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), LooperSchemes.Key)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Refusals.WriteAsync(Context, StatusCodes.Status401Unauthorized, "key.unknown", "This key is unknown, revoked or expired. Make one under Access, API keys.");

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Refusals.WriteAsync(Context, StatusCodes.Status403Forbidden, "access.denied", "This key may not do that. It needs the scope read or manage.");
}

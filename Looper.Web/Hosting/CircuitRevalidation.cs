using Looper.Core.Access;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Looper.Web.Hosting;

/// <summary>An open page loses its user within half a minute of sign-out, removal, or a change of role or password.</summary>
internal sealed class CircuitRevalidation(ILoggerFactory logs, UserRing users) : RevalidatingServerAuthenticationStateProvider(logs)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(SessionEvents.StillHolds(users, authenticationState.User));
}

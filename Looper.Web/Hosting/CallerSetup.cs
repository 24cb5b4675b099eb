using System.Security.Claims;
using Looper.Core.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Looper.Web.Hosting;

/// <summary>Turns who signed in into the <see cref="Caller"/> that every rule takes: a parameter of API handlers, a cascading parameter of pages.</summary>
public static class CallerSetup
{
    public static IServiceCollection AddCaller(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddCascadingAuthenticationState();
        services.AddScoped(provider => CallerOf(provider.GetRequiredService<IHttpContextAccessor>().HttpContext?.User));
        services.AddCascadingValue(Source);
        return services;
    }

    /// <exception cref="InvalidOperationException">Nobody is signed in: such a request must not have come this far.</exception>
    public static Caller CallerOf(ClaimsPrincipal? user)
    {
        if (user?.Identity is not { IsAuthenticated: true } || !Enum.TryParse<Role>(user.FindFirstValue(ClaimTypes.Role), out var role))
            throw new InvalidOperationException("No caller: the request is anonymous.");
        return new Caller(
            user.FindFirstValue(ClaimTypes.Name) ?? "", role,
            Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? id : null)
        { IsKey = user.Identity.AuthenticationType == LooperSchemes.Key };
    }

    private static CascadingValueSource<Caller?> Source(IServiceProvider provider)
    {
        var states = provider.GetRequiredService<AuthenticationStateProvider>();
        var source = new CascadingValueSource<Caller?>(() => From(states.GetAuthenticationStateAsync().GetAwaiter().GetResult()), isFixed: false);
        states.AuthenticationStateChanged += async state => await source.NotifyChangedAsync(From(await state));
        return source;
    }

    private static Caller? From(AuthenticationState state) => state.User.Identity is { IsAuthenticated: true } ? CallerOf(state.User) : null;
}

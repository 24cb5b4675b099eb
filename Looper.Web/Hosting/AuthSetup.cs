using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>Nothing is open until a rule opens it: a route without a rule of its own needs a session, or a key to manage or read.</summary>
public static class AuthSetup
{
    private static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    public static IServiceCollection AddAuth(this IServiceCollection services)
    {
        services.AddAuthentication(LooperSchemes.Either)
            .AddPolicyScheme(LooperSchemes.Either, null, o => o.ForwardDefaultSelector = http =>
                http.Request.Headers.ContainsKey(LooperSchemes.KeyHeader) ? LooperSchemes.Key : LooperSchemes.Cookie)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(LooperSchemes.Key, null)
            .AddCookie(LooperSchemes.Cookie);
        services.AddOptions<CookieAuthenticationOptions>(LooperSchemes.Cookie).Configure(cookie =>
        {
            (cookie.LoginPath, cookie.ReturnUrlParameter, cookie.EventsType) = ("/sign-in", "returnUrl", typeof(SessionEvents));
            (cookie.ExpireTimeSpan, cookie.SlidingExpiration) = (Idle, true);
            (cookie.Cookie.HttpOnly, cookie.Cookie.SameSite, cookie.Cookie.SecurePolicy) = (true, SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
            cookie.CookieManager = new SessionCookie();
        });
        services.AddSingleton<SessionEvents>();
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder(LooperSchemes.Either)
            .RequireAuthenticatedUser().RequireRole(Enum.GetNames<Role>()).Build());
        services.AddAntiforgery(a => (a.Cookie.Name, a.Cookie.SecurePolicy) = ("looper-form", CookieSecurePolicy.SameAsRequest));
        services.AddDataProtection().SetApplicationName("Looper");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, KeysInDataDirectory>();
        services.AddScoped<AuthenticationStateProvider, CircuitRevalidation>();
        return services;
    }

    /// <summary>Sessions outlive a restart because the keys that sign them lie beside the databases.</summary>
    private sealed class KeysInDataDirectory(DataDirectory directory, ILoggerFactory logs) : IConfigureOptions<KeyManagementOptions>
    {
        public void Configure(KeyManagementOptions options) =>
            options.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(directory.Folder("keys")), logs);
    }
}

using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Access;

public static class AccessSetup
{
    /// <summary>Users, keys and the audit.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<IInterceptor, AuditInterceptor>();
        services.AddSingleton<LastKnown>().AddSingleton<ApiKeyRing>().AddSingleton<ApiKeyActions>().AddSingleton<ApiKeyQueries>();
        services.AddSingleton<UserRing>().AddSingleton<UserActions>().AddSingleton<UserQueries>().AddSingleton<ProfileActions>();
        services.AddSingleton<SetupToken>().AddSingleton<SignIns>().AddSingleton<AuditQueries>();
        services.AddSingleton<FirstAccount>().AddSingleton<InstallationSettings>().AddSingleton<DemoAccount>();
        return services;
    }
}

using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Access;

public static class AccessSetup
{
    /// <summary>Users, keys and the audit.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<IInterceptor, AuditInterceptor>();
        return services;
    }
}
